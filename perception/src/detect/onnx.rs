//! The engines that run a network: ONNX Runtime, loaded when the program runs, and rten, pure Rust.
//!
//! ONNX Runtime's library is looked for at `$ORT_DYLIB_PATH`, at `.ort/libonnxruntime.so` beside or above the executable
//! and the working directory, and on the system's library path, in this order. It is about twice as fast as rten; both
//! give the same boxes (`tests/parity.rs`).

use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rten_tensor::prelude::*;

use super::{DetectError, EngineChoice};

/// A network ready to run.
pub(super) enum Engine {
    Ort(Box<ort::session::Session>),
    Rten(Box<Rten>),
}

/// A network in rten.
pub(super) struct Rten {
    model: rten::Model,
    pool: Arc<rten::ThreadPool>,
}

/// What goes into a network.
pub(super) struct Input<'a> {
    pub name: &'a str,
    pub shape: Vec<usize>,
    pub data: Values<'a>,
}

/// Numbers of one input.
pub(super) enum Values<'a> {
    Float(&'a [f32]),
    Int(Vec<i64>),
}

/// What comes out of a network; whole numbers are given as floats.
#[derive(Debug)]
pub(super) struct Output {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// An engine that could not be had, and why; for the log.
pub(super) struct Loaded {
    pub engine: Engine,
    pub fallback: Option<String>,
}

/// Loads `file` into the engine that was chosen.
pub(super) fn load(file: &Path, choice: EngineChoice, threads: usize) -> Result<Loaded, DetectError> {
    let failed = |engine, why: String| DetectError::Engine { engine, model: file.to_owned(), why };
    if !file.is_file() {
        return Err(DetectError::NoModel { model: file.to_owned(), looked: vec![file.to_owned()] });
    }
    let ort_error = match choice {
        EngineChoice::Rten => None,
        EngineChoice::Auto | EngineChoice::Ort => match load_ort(file, threads) {
            Ok(session) => return Ok(Loaded { engine: Engine::Ort(Box::new(session)), fallback: None }),
            Err(why) if choice == EngineChoice::Ort => return Err(failed("onnxruntime", why)),
            Err(why) => Some(why),
        },
    };
    let model = rten::Model::load_file(file).map_err(|e| failed("rten", e.to_string()))?;
    let pool = Arc::new(rten::ThreadPool::with_num_threads(threads.max(1)));
    Ok(Loaded {
        engine: Engine::Rten(Box::new(Rten { model, pool })),
        fallback: ort_error.map(|why| format!("rten is used, at about half the speed, because {why}")),
    })
}

/// Says whether ONNX Runtime can be used, and with which file, or why not.
pub(super) fn runtime() -> Result<&'static (ort::environment::Environment, PathBuf), String> {
    // The library can be loaded once in a process; every network shares it.
    static RUNTIME: OnceLock<Result<(ort::environment::Environment, PathBuf), String>> = OnceLock::new();
    RUNTIME.get_or_init(load_runtime).as_ref().map_err(Clone::clone)
}

fn load_runtime() -> Result<(ort::environment::Environment, PathBuf), String> {
    let candidates = libraries();
    for path in &candidates {
        let Ok(builder) = ort::init_from(path) else { continue };
        match builder.with_telemetry(false).build() {
            Ok(environment) => return Ok((environment, path.clone())),
            Err(e) => return Err(format!("ONNX Runtime at {} does not start: {e}", path.display())),
        }
    }
    let looked: Vec<_> = candidates.iter().map(|c| c.display().to_string()).collect();
    Err(format!("no ONNX Runtime library (1.17 or newer) was found; looked at {}", looked.join(", ")))
}

fn libraries() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = env::var_os("ORT_DYLIB_PATH").map(PathBuf::from).into_iter().collect();
    let executable = env::current_exe().ok().and_then(|p| p.parent().map(Path::to_owned));
    for start in [executable, env::current_dir().ok()].into_iter().flatten() {
        found.extend(start.ancestors().map(|dir| dir.join(".ort/libonnxruntime.so")).filter(|p| p.is_file()));
    }
    found.push(PathBuf::from("libonnxruntime.so"));
    found.push(PathBuf::from("libonnxruntime.so.1"));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|p| seen.insert(p.clone()));
    found
}

fn load_ort(file: &Path, threads: usize) -> Result<ort::session::Session, String> {
    let (environment, _) = runtime()?;
    let build = || -> Result<ort::session::Session, ort::Error> {
        ort::session::Session::builder(environment)?
            .with_log_level(ort::logging::LogLevel::Fatal)?
            .with_intra_threads(threads.max(1))?
            .with_intra_op_spinning(false)?
            .commit_from_file(file)
    };
    build().map_err(|e| format!("ONNX Runtime does not take {}: {e}", file.display()))
}

impl Engine {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Engine::Ort(_) => "onnxruntime",
            Engine::Rten(_) => "rten",
        }
    }

    /// Runs the network once; the outputs come in the order of `wanted`.
    pub(super) fn run(&mut self, inputs: Vec<Input<'_>>, wanted: &[String]) -> Result<Vec<Output>, String> {
        match self {
            Engine::Ort(session) => run_ort(session, inputs, wanted),
            Engine::Rten(rten) => rten.run(inputs, wanted),
        }
    }

    /// Names of the network's outputs.
    pub(super) fn outputs(&self) -> Vec<String> {
        match self {
            Engine::Ort(session) => session.outputs().iter().map(|o| o.name().to_owned()).collect(),
            Engine::Rten(rten) => rten.names(rten.model.output_ids()),
        }
    }

    /// Names of the network's inputs.
    pub(super) fn inputs(&self) -> Vec<String> {
        match self {
            Engine::Ort(session) => session.inputs().iter().map(|o| o.name().to_owned()).collect(),
            Engine::Rten(rten) => rten.names(rten.model.input_ids()),
        }
    }
}

fn run_ort(
    session: &mut ort::session::Session,
    inputs: Vec<Input<'_>>,
    wanted: &[String],
) -> Result<Vec<Output>, String> {
    use ort::session::SessionInputValue;
    use ort::value::{Tensor, TensorRef};

    let mut fed: Vec<(String, SessionInputValue<'_>)> = Vec::with_capacity(inputs.len());
    for input in inputs {
        let value = match input.data {
            Values::Float(data) => TensorRef::from_array_view((input.shape, data)).map(SessionInputValue::from),
            Values::Int(data) => Tensor::from_array((input.shape, data)).map(SessionInputValue::from),
        };
        fed.push((input.name.to_owned(), value.map_err(|e| e.to_string())?));
    }
    let given = session.run(fed).map_err(|e| e.to_string())?;
    wanted
        .iter()
        .map(|name| {
            let value = given.get(name).ok_or_else(|| format!("the network gives no output `{name}`"))?;
            if let Ok((shape, data)) = value.try_extract_tensor::<f32>() {
                return Ok(Output { shape: sizes(shape), data: data.to_vec() });
            }
            let (shape, data) = value.try_extract_tensor::<i64>().map_err(|e| format!("output `{name}`: {e}"))?;
            Ok(Output { shape: sizes(shape), data: data.iter().map(|v| *v as f32).collect() })
        })
        .collect()
}

fn sizes(shape: &[i64]) -> Vec<usize> {
    shape.iter().map(|s| usize::try_from(*s).unwrap_or(0)).collect()
}

impl Rten {
    fn names(&self, ids: &[rten::NodeId]) -> Vec<String> {
        ids.iter().filter_map(|id| self.model.node_info(*id)?.name().map(str::to_owned)).collect()
    }

    fn run(&self, inputs: Vec<Input<'_>>, wanted: &[String]) -> Result<Vec<Output>, String> {
        let mut fed = Vec::with_capacity(inputs.len());
        for input in inputs {
            let id = self.model.node_id(input.name).map_err(|e| e.to_string())?;
            let shape = input.shape.as_slice();
            let value = match input.data {
                Values::Float(data) => rten::Value::from_shape(shape, data.to_vec()).map_err(|e| e.to_string()),
                // rten keeps 64-bit whole numbers in 32 bits.
                Values::Int(data) => {
                    let narrow: Vec<i32> = data.iter().map(|v| i32::try_from(*v).unwrap_or(i32::MAX)).collect();
                    rten::Value::from_shape(shape, narrow).map_err(|e| e.to_string())
                }
            };
            let value: rten::Value = value.map_err(|e| format!("input `{}`: {e}", input.name))?;
            fed.push((id, value.into()));
        }
        let ids: Vec<_> =
            wanted.iter().map(|name| self.model.node_id(name).map_err(|e| e.to_string())).collect::<Result<_, _>>()?;
        let mut options = rten::RunOptions::default();
        options.thread_pool = Some(self.pool.clone());
        let given = self.model.run(fed, &ids, Some(options)).map_err(|e| e.to_string())?;
        given.into_iter().zip(wanted).map(|(value, name)| floats(value, name)).collect()
    }
}

fn floats(value: rten::Value, name: &str) -> Result<Output, String> {
    match value {
        rten::Value::FloatTensor(t) => Ok(Output { shape: t.shape().to_vec(), data: t.into_data() }),
        rten::Value::Int32Tensor(t) => {
            Ok(Output { shape: t.shape().to_vec(), data: t.into_data().into_iter().map(|v| v as f32).collect() })
        }
        other => Err(format!("output `{name}` has the unexpected type {:?}", other.dtype())),
    }
}
