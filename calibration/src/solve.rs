//! Solvers: from measurements to a calibration, with covariance, and with a plain refusal where the measurements do not
//! determine it.

pub mod accuracy;
pub mod lm;
pub mod p3p;
pub mod survey_points;
