//! Model descriptor: a small TOML file beside an ONNX file that says how pictures go in and how boxes come out.
//!
//! The descriptors of the models that we know lie in `perception/models`.

use std::env;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::DetectError;
use crate::object::Class;

/// How a camera network is fed and read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Descriptor {
    /// ONNX file: absolute, or relative to the descriptor, to `$RSU_MODELS` or to a `shared/models` further up.
    pub model: PathBuf,
    /// Licence of the weights, for people.
    #[serde(default)]
    pub licence: String,
    /// How the outputs are read.
    pub family: Family,
    /// Width and height of the network's input.
    pub input: [usize; 2],
    /// Order of the colour channels.
    #[serde(default)]
    pub colour: Colour,
    /// How a picture is brought to the input's size.
    #[serde(default)]
    pub resize: Resize,
    /// Grey level around a letterboxed picture.
    #[serde(default)]
    pub pad: u8,
    /// A pixel becomes `(pixel * scale - mean) / std`.
    #[serde(default = "one")]
    pub scale: f32,
    /// See `scale`; in the order of `colour`.
    #[serde(default)]
    pub mean: [f32; 3],
    /// See `scale`; in the order of `colour`.
    #[serde(default = "ones")]
    pub std: [f32; 3],
    /// Boxes with a lower score are dropped.
    pub min_score: f32,
    /// Overlap (intersection over union) above which the weaker of two boxes of one class is dropped.
    #[serde(default = "one")]
    pub nms_iou: f32,
    /// Strides of the feature maps, in the order of the outputs.
    #[serde(default = "strides")]
    pub strides: Vec<usize>,
    /// Which of the network's classes are road users.
    #[serde(rename = "class")]
    pub classes: Vec<ClassEntry>,
    /// Where the descriptor was read from.
    #[serde(skip)]
    pub path: PathBuf,
}

fn one() -> f32 {
    1.0
}

fn ones() -> [f32; 3] {
    [1.0; 3]
}

fn strides() -> Vec<usize> {
    vec![8, 16, 32]
}

/// How the outputs of a network are read.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// One output `[1, n, 5 + classes]`: grid-relative centre, log size, objectness, class scores (YOLOX).
    Yolox,
    /// Outputs `labels`, `boxes`, `scores`, with `orig_target_sizes` as a second input (DETR kind).
    Detr,
    /// Class scores and distributions of the four distances, an output of each a stride (generalised focal loss: NanoDet).
    Gfl,
}

/// Order of the colour channels.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// Blue first.
    #[default]
    Bgr,
    /// Red first.
    Rgb,
}

/// How a picture is brought to the input's size.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Resize {
    /// Keeps the ratio; the picture at the top left.
    #[default]
    LetterboxTopleft,
    /// Keeps the ratio; the picture in the middle.
    LetterboxCentre,
    /// Does not keep the ratio.
    Stretch,
}

/// One of the network's classes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassEntry {
    /// Its number in the network.
    pub id: usize,
    /// Its name in the data set.
    pub label: String,
    /// What it is to us.
    pub is: Class,
}

impl Descriptor {
    /// Reads and checks a descriptor.
    ///
    /// # Errors
    /// It is not there, not TOML, or a value cannot be.
    pub fn read(path: &Path) -> Result<Self, DetectError> {
        let wrong = |why: String| DetectError::Descriptor { path: path.to_owned(), why };
        let bytes =
            crate::limits::read_bounded(path, crate::limits::DESCRIPTOR_BYTES).map_err(|e| wrong(e.to_string()))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| wrong("it is not text; give the .toml descriptor here, not the .onnx file".to_owned()))?;
        let mut descriptor: Self = toml::from_str(&text).map_err(|e| wrong(one_line(&e, &text)))?;
        descriptor.path = path.to_owned();
        descriptor.check().map_err(wrong)?;
        Ok(descriptor)
    }

    fn check(&self) -> Result<(), String> {
        let side = 32..=4096;
        if !self.input.iter().all(|s| side.contains(s)) {
            return Err(format!("input = {:?}: width and height must lie in 32..4096", self.input));
        }
        if !(0.0..=1.0).contains(&self.min_score) || !(0.0..=1.0).contains(&self.nms_iou) {
            return Err("min_score and nms_iou must lie in 0..1".to_owned());
        }
        if !self.scale.is_finite() || !self.mean.iter().all(|m| m.is_finite()) {
            return Err("scale and mean must be finite".to_owned());
        }
        if !self.std.iter().all(|s| s.is_normal()) {
            return Err("std must not hold a zero".to_owned());
        }
        if self.strides.is_empty() || self.strides.iter().any(|s| *s == 0 || self.input.iter().any(|i| i % s != 0)) {
            return Err(format!("strides = {:?}: each must divide the input's width and height", self.strides));
        }
        if self.classes.is_empty() || self.classes.iter().any(|c| c.id > 10_000) {
            return Err("[[class]]: name at least one class, with an id below 10000".to_owned());
        }
        Ok(())
    }

    /// What the network's class `id` is to us.
    #[must_use]
    pub fn class(&self, id: usize) -> Option<Class> {
        self.classes.iter().find(|c| c.id == id).map(|c| c.is)
    }

    /// The data set's name for one of our classes.
    #[must_use]
    pub fn label(&self, class: Class) -> &str {
        self.classes.iter().find(|c| c.is == class).map_or(class.name(), |c| c.label.as_str())
    }

    /// Finds the ONNX file.
    ///
    /// # Errors
    /// It is in none of the places; the error lists them.
    pub fn model_file(&self) -> Result<PathBuf, DetectError> {
        let candidates = self.candidates();
        candidates
            .iter()
            .find(|c| c.is_file())
            .cloned()
            .ok_or_else(|| DetectError::NoModel { model: self.model.clone(), looked: candidates })
    }

    fn candidates(&self) -> Vec<PathBuf> {
        if self.model.is_absolute() {
            return vec![self.model.clone()];
        }
        let home = self.path.parent().unwrap_or(Path::new(""));
        let mut all = vec![home.join(&self.model)];
        all.extend(env::var_os("RSU_MODELS").map(|dir| PathBuf::from(dir).join(&self.model)));
        let working = env::current_dir().ok();
        let absolute = home.canonicalize().ok();
        for start in [absolute, working].into_iter().flatten() {
            all.extend(start.ancestors().map(|dir| dir.join("shared/models").join(&self.model)));
        }
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|c| seen.insert(c.clone()));
        all
    }
}

fn one_line(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map_or(0, |s| text.get(..s.start).unwrap_or("").matches('\n').count() + 1);
    format!("line {line}: {}", error.message().replace('\n', ", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name)
    }

    #[test]
    fn every_shipped_descriptor_is_read() {
        for (name, family) in [
            ("yolox_nano_416.toml", Family::Yolox),
            ("deimv2_femto_416.toml", Family::Detr),
            ("nanodet_m_320.toml", Family::Gfl),
        ] {
            let d = Descriptor::read(&shipped(name)).unwrap();
            assert_eq!(d.family, family);
            assert_eq!(d.class(2), Some(Class::Car));
            assert_eq!(d.class(4), None, "an aeroplane is no road user");
            assert_eq!(d.label(Class::Pedestrian), "person");
        }
    }

    fn refusal(text: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("model.toml");
        std::fs::write(&path, text).unwrap();
        Descriptor::read(&path).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_descriptor_is_refused_with_its_line() {
        let good = std::fs::read_to_string(shipped("yolox_nano_416.toml")).unwrap();
        let unknown = refusal(&good.replace("pad = 114", "padding = 114"));
        assert!(unknown.contains("line 10") && unknown.contains("padding"), "{unknown}");
        assert!(refusal(&good.replace("[416, 416]", "[0, 416]")).contains("32..4096"));
        assert!(refusal(&good.replace("std = [1.0, 1.0, 1.0]", "std = [1.0, 0.0, 1.0]")).contains("std"));
        assert!(refusal(&good.replace("[8, 16, 32]", "[8, 0]")).contains("strides"));
        assert!(refusal(&good.replace("0.30", "1.30")).contains("min_score"));
        assert!(refusal("").contains("model"));
    }

    #[test]
    fn a_model_that_is_nowhere_is_refused_with_the_places_looked_at() {
        let mut d = Descriptor::read(&shipped("yolox_nano_416.toml")).unwrap();
        d.model = "no_such_network.onnx".into();
        let text = d.model_file().unwrap_err().to_string();
        assert!(text.contains("no_such_network.onnx") && text.contains("shared/models"), "{text}");
    }
}
