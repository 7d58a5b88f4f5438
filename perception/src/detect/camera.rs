//! Camera networks: a picture becomes the network's input, its outputs become boxes in the picture.

use std::path::Path;

use super::boxes::{Found, suppress};
use super::descriptor::{Descriptor, Family};
use super::onnx::{self, Engine, Input, Output, Values};
use super::resample::{Fitted, Resampler};
use super::{DetectError, Detector, Loading};
use crate::frame::{Frame, Image, Payload};
use crate::limits;
use crate::object::{Box2d, Detection, Detections, Shape};

/// Largest exponent taken from a network for a box's size: e⁸ strides are wider than any picture.
const LARGEST_LOG_SIZE: f32 = 8.0;

/// A camera network with its engine.
pub struct CameraDetector {
    descriptor: Descriptor,
    engine: Engine,
    outputs: Vec<String>,
    inputs: Vec<String>,
    resampler: Resampler,
    tensor: Vec<f32>,
    min_score: f32,
    fallback: Option<String>,
}

impl CameraDetector {
    /// Loads the network that `descriptor` describes.
    ///
    /// # Errors
    /// The descriptor or the model is missing or wrong, or no engine can run it.
    pub fn load(descriptor: &Path, loading: &Loading) -> Result<Self, DetectError> {
        let descriptor = Descriptor::read(descriptor)?;
        let file = match &loading.onnx {
            Some(file) => file.clone(),
            None => descriptor.model_file()?,
        };
        let loaded = onnx::load(&file, loading.engine, loading.threads)?;
        let unfit = |why| DetectError::Engine { engine: loaded.engine.name(), model: file.clone(), why };
        let outputs = wanted_outputs(&descriptor, &loaded.engine.outputs()).map_err(unfit)?;
        let inputs = loaded.engine.inputs();
        let expected = if descriptor.family == Family::Detr { 2 } else { 1 };
        if inputs.len() != expected {
            return Err(unfit(format!("it has the inputs {inputs:?}, family {:?} has {expected}", descriptor.family)));
        }
        Ok(Self {
            resampler: Resampler::new(&descriptor),
            min_score: loading.min_score.unwrap_or(descriptor.min_score),
            tensor: Vec::new(),
            engine: loaded.engine,
            fallback: loaded.fallback,
            descriptor,
            outputs,
            inputs,
        })
    }

    /// What describes the network.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Why a slower engine than wanted is used, if so.
    #[must_use]
    pub fn fallback(&self) -> Option<&str> {
        self.fallback.as_deref()
    }

    /// First step: fills the network's input from a picture.
    ///
    /// # Errors
    /// The picture is empty, too large, or its data do not match its size.
    pub fn prepare(&mut self, image: &Image) -> Result<Fitted, DetectError> {
        let wrong = |why: String| DetectError::Frame { why };
        let pixels = image.width.saturating_mul(image.height);
        if pixels == 0 || pixels > limits::PICTURE_PIXELS {
            return Err(wrong(format!("a picture of {} x {} pixels cannot be used", image.width, image.height)));
        }
        if image.data.len() != pixels * 3 {
            return Err(wrong(format!(
                "a picture of {} x {} pixels has {} bytes instead of {}",
                image.width,
                image.height,
                image.data.len(),
                pixels * 3
            )));
        }
        Ok(self.resampler.fill(image, &mut self.tensor))
    }

    /// Second step: runs the network on what was prepared.
    ///
    /// # Errors
    /// The engine fails.
    pub fn infer(&mut self, fitted: &Fitted) -> Result<Raw, DetectError> {
        let [width, height] = self.descriptor.input;
        let mut fed =
            vec![Input { name: &self.inputs[0], shape: vec![1, 3, height, width], data: Values::Float(&self.tensor) }];
        if self.descriptor.family == Family::Detr {
            let size = vec![fitted.width as i64, fitted.height as i64];
            fed.push(Input { name: &self.inputs[1], shape: vec![1, 2], data: Values::Int(size) });
        }
        let engine = self.engine.name();
        let given = self.engine.run(fed, &self.outputs);
        given.map(Raw).map_err(|why| DetectError::Run { engine, why })
    }

    /// Third step: reads boxes in picture pixels from the outputs.
    ///
    /// # Errors
    /// The outputs have another shape than the family's.
    pub fn decode(&self, raw: &Raw, fitted: &Fitted) -> Result<Vec<Detection>, DetectError> {
        let found = match self.descriptor.family {
            Family::Yolox => self.yolox(&raw.0, fitted),
            Family::Detr => self.detr(&raw.0),
            Family::Gfl => self.gfl(&raw.0, fitted),
        };
        let found = found.map_err(|why| DetectError::Run { engine: self.engine.name(), why })?;
        let mut list = Vec::new();
        for f in suppress(found, self.descriptor.nms_iou, limits::DETECTIONS_A_FRAME) {
            let Some(class) = self.descriptor.class(f.class) else { continue };
            let [x1, y1, x2, y2] = f.corners.map(f64::from);
            list.push(Detection { class, score: f.score, shape: Shape::Image(Box2d { x1, y1, x2, y2 }) });
        }
        Ok(list)
    }

    fn yolox(&self, outputs: &[Output], fitted: &Fitted) -> Result<Vec<Found>, String> {
        let cells = self.cells();
        let rows = expect(outputs.first(), &[1, cells.len()], "output")?;
        let row = rows.data.len() / cells.len().max(1);
        if row < 6 {
            return Err(format!("a row of {row} numbers is too short for family yolox"));
        }
        let mut found = Vec::new();
        for (o, cell) in rows.data.chunks_exact(row).zip(&cells) {
            let Some((class, score)) = self.best(&o[5..], o[4]) else { continue };
            let s = cell.stride;
            let (cx, cy) = ((o[0] + cell.x) * s, (o[1] + cell.y) * s);
            let (w, h) = (o[2].min(LARGEST_LOG_SIZE).exp() * s, o[3].min(LARGEST_LOG_SIZE).exp() * s);
            let corners = fitted.to_picture([cx - w / 2.0, cy - h / 2.0, cx + w / 2.0, cy + h / 2.0]);
            found.push(Found { class, score, corners });
        }
        Ok(found)
    }

    fn detr(&self, outputs: &[Output]) -> Result<Vec<Found>, String> {
        let [labels, boxes, scores] = outputs else { return Err("labels, boxes and scores are needed".to_owned()) };
        let n = labels.data.len();
        if boxes.data.len() != n * 4 || scores.data.len() != n {
            return Err(format!("{n} labels, {} box edges, {} scores", boxes.data.len(), scores.data.len()));
        }
        let mut found = Vec::new();
        for ((label, score), corners) in labels.data.iter().zip(&scores.data).zip(boxes.data.chunks_exact(4)) {
            let class = if *label >= 0.0 { *label as usize } else { continue };
            if *score > self.min_score && self.descriptor.class(class).is_some() {
                let corners = [corners[0], corners[1], corners[2], corners[3]];
                found.push(Found { class, score: *score, corners });
            }
        }
        Ok(found)
    }

    fn gfl(&self, outputs: &[Output], fitted: &Fitted) -> Result<Vec<Found>, String> {
        let (classes, distances) = outputs.split_at(self.descriptor.strides.len());
        let [width, height] = self.descriptor.input;
        let mut found = Vec::new();
        for ((&stride, scores), sides) in self.descriptor.strides.iter().zip(classes).zip(distances) {
            let (columns, rows) = (width / stride, height / stride);
            let n = columns * rows;
            let scores = expect(Some(scores), &[1, n], "class scores")?;
            let sides = expect(Some(sides), &[1, n], "distances")?;
            let (per_score, per_side) = (scores.data.len() / n, sides.data.len() / n);
            if per_score == 0 || per_side == 0 || per_side % 4 != 0 {
                return Err(format!("{per_score} classes and {per_side} distance bins a cell"));
            }
            for (i, s) in scores.data.chunks_exact(per_score).enumerate() {
                let Some((class, score)) = self.best(s, 1.0) else { continue };
                let st = stride as f32;
                let half = (st - 1.0) / 2.0;
                let (cx, cy) = ((i % columns) as f32 * st + half, (i / columns) as f32 * st + half);
                let bins = &sides.data[i * per_side..(i + 1) * per_side];
                let d: Vec<f32> = bins.chunks_exact(per_side / 4).map(|b| expectation(b) * st).collect();
                let corners = fitted.to_picture([cx - d[0], cy - d[1], cx + d[2], cy + d[3]]);
                found.push(Found { class, score, corners });
            }
        }
        Ok(found)
    }

    /// The strongest class of one cell, when it is a road user and strong enough.
    fn best(&self, scores: &[f32], objectness: f32) -> Option<(usize, f32)> {
        // Most cells hold nothing: the objectness alone tells.
        if objectness <= self.min_score {
            return None;
        }
        let (class, score) = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        let score = score * objectness;
        (score > self.min_score && score.is_finite() && self.descriptor.class(class).is_some())
            .then_some((class, score))
    }

    fn cells(&self) -> Vec<Cell> {
        let [width, height] = self.descriptor.input;
        let mut cells = Vec::new();
        for &stride in &self.descriptor.strides {
            for y in 0..height / stride {
                for x in 0..width / stride {
                    cells.push(Cell { x: x as f32, y: y as f32, stride: stride as f32 });
                }
            }
        }
        cells
    }
}

impl Detector for CameraDetector {
    fn detect(&mut self, frame: &Frame) -> Result<Detections, DetectError> {
        let Payload::Image(image) = &frame.payload else {
            return Err(DetectError::Frame {
                why: "a camera network needs pictures, this is a point cloud".to_owned(),
            });
        };
        let fitted = self.prepare(image)?;
        let raw = self.infer(&fitted)?;
        let list = self.decode(&raw, &fitted)?;
        Ok(Detections { sensor: frame.sensor.clone(), tov: frame.tov, list, free: None })
    }

    fn provider(&self) -> &'static str {
        self.engine.name()
    }

    fn note(&self) -> Option<&str> {
        self.fallback()
    }
}

/// Outputs of a network, not yet read.
pub struct Raw(Vec<Output>);

/// One cell of a feature map.
struct Cell {
    x: f32,
    y: f32,
    stride: f32,
}

/// Which outputs a family needs, in the order in which it reads them.
fn wanted_outputs(descriptor: &Descriptor, there: &[String]) -> Result<Vec<String>, String> {
    let pick = |name: &str| {
        there
            .iter()
            .find(|t| t.as_str() == name)
            .cloned()
            .ok_or_else(|| format!("it has the outputs {there:?}, family {:?} needs `{name}`", descriptor.family))
    };
    match descriptor.family {
        Family::Yolox if there.len() == 1 => Ok(there.to_vec()),
        Family::Yolox => Err(format!("it has the outputs {there:?}, family Yolox has one")),
        Family::Detr => ["labels", "boxes", "scores"].into_iter().map(pick).collect(),
        Family::Gfl => ["cls_pred_stride_", "dis_pred_stride_"]
            .into_iter()
            .flat_map(|kind| descriptor.strides.iter().map(move |s| format!("{kind}{s}")))
            .map(|name| pick(&name))
            .collect(),
    }
}

/// The output, if its shape begins with `leading` and its data fill it.
fn expect<'a>(output: Option<&'a Output>, leading: &[usize], what: &str) -> Result<&'a Output, String> {
    let output = output.ok_or_else(|| format!("the {what} are missing"))?;
    let full = output.shape.iter().product::<usize>() == output.data.len();
    if full && output.shape.starts_with(leading) && output.shape.len() == leading.len() + 1 {
        Ok(output)
    } else {
        Err(format!(
            "{what}: shape {:?} instead of {leading:?} and one more; look at `input` and `strides`",
            output.shape
        ))
    }
}

/// Mean of a distribution over 0, 1, 2, … given as logits.
fn expectation(logits: &[f32]) -> f32 {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut weighted) = (0.0, 0.0);
    for (i, logit) in logits.iter().enumerate() {
        let p = (logit - top).exp();
        sum += p;
        weighted += p * i as f32;
    }
    weighted / sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_a_sharp_distribution_is_its_peak() {
        assert!((expectation(&[-30.0, -30.0, 30.0, -30.0]) - 2.0).abs() < 1e-6);
        assert!((expectation(&[0.0; 8]) - 3.5).abs() < 1e-6);
    }

    #[test]
    fn an_output_of_another_shape_is_an_error() {
        let output = Output { shape: vec![1, 10, 85], data: vec![0.0; 850] };
        assert!(expect(Some(&output), &[1, 10], "output").is_ok());
        assert!(expect(Some(&output), &[1, 11], "output").unwrap_err().contains("[1, 10, 85]"));
        let short = Output { shape: vec![1, 10, 85], data: vec![0.0; 8] };
        assert!(expect(Some(&short), &[1, 10], "output").is_err());
        assert!(expect(None, &[1, 10], "output").is_err());
    }
}
