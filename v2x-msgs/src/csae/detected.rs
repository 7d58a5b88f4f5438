//! What more SSM says of a road user, between model and wire.

use super::mapping::place::Place;
use super::person::{from_person, to_person};
use super::planning::{from_path, from_share, to_path, to_share};
use super::wire;
use crate::csae::confidence::{HEADING_DEG, RATE, SIZE_M, from_step, to_step, to_step_or_unavailable};
use crate::csae::named::{from_bits, to_bits};
use crate::csae::part;
use crate::csae::quantity::{Steps, YAW_RATE};
use crate::error::{DecodeError, EncodeError};
use crate::model::{
    AngularVelocity, AngularVelocityConfidence, Attitude, AttitudeConfidence, DetectedExtension, MotorExtension,
    ObjectSize, Planning, SizeConfidence,
};

/// DE_PlanningDuration: 0.1 s.
const DURATION: Steps = Steps::new(10.0, 0, 600);
/// DE_SizeValue: 0.1 m.
const SIDE: Steps = Steps::new(10.0, 0, 1_023);
/// DE_Pitch and DE_Roll: 0.0125°.
const TILT: Steps = Steps::new(80.0, -7_200, 7_200);
/// DE_Yaw: 0.0125°.
const YAW: Steps = Steps::new(80.0, -14_400, 14_400);

pub(super) fn to_planning(plan: &Planning, from: Option<Place>) -> Result<wire::Planning, EncodeError> {
    let duration = plan.duration_s.map(|s| DURATION.saturate_above("duration_s", s)).transpose()?;
    Ok(wire::Planning {
        duration: duration.map(|steps| wire::PlanningDuration(steps as u16)),
        plan_confidence: to_share("confidence", plan.confidence)?,
        driving_behavior: plan.driving_behavior.as_ref().map(to_bits).map(wire::DriveBehavior),
        path_planning: to_path("path_planning", &plan.path_planning, from)?,
    })
}

pub(super) fn from_planning(plan: &wire::Planning, from: Option<Place>) -> Result<Planning, DecodeError> {
    Ok(Planning {
        duration_s: plan.duration.as_ref().map(|steps| DURATION.value(i64::from(steps.0))),
        confidence: from_share(plan.plan_confidence.as_ref()),
        driving_behavior: plan.driving_behavior.as_ref().map(|bits| from_bits(&bits.0)),
        path_planning: from_path("path_planning", plan.path_planning.as_ref(), from)?,
    })
}

pub(super) fn to_size(size: &ObjectSize) -> Result<wire::ObjectSize, EncodeError> {
    let side = |field, m| SIDE.saturate_above(field, m).map(|steps| wire::SizeValue(steps as u16));
    Ok(wire::ObjectSize {
        width: side("width_m", size.width_m)?,
        length: side("length_m", size.length_m)?,
        height: size.height_m.map(|m| side("height_m", m)).transpose()?,
    })
}

pub(super) fn from_size(size: &wire::ObjectSize) -> ObjectSize {
    let side = |steps: &wire::SizeValue| SIDE.value(i64::from(steps.0));
    ObjectSize { width_m: side(&size.width), length_m: side(&size.length), height_m: size.height.as_ref().map(side) }
}

pub(super) fn to_size_confidence(sure: &SizeConfidence) -> Result<wire::ObjectSizeConfidence, EncodeError> {
    Ok(wire::ObjectSizeConfidence {
        width_conf: to_step_or_unavailable("width_m", &SIZE_M, sure.width_m)?,
        length_conf: to_step_or_unavailable("length_m", &SIZE_M, sure.length_m)?,
        height_conf: to_step("height_m", &SIZE_M, sure.height_m)?,
    })
}

pub(super) fn from_size_confidence(sure: &wire::ObjectSizeConfidence) -> SizeConfidence {
    SizeConfidence {
        width_m: from_step(&SIZE_M, &sure.width_conf),
        length_m: from_step(&SIZE_M, &sure.length_conf),
        height_m: sure.height_conf.as_ref().and_then(|step| from_step(&SIZE_M, step)),
    }
}

pub(super) fn to_extension(more: &DetectedExtension) -> Result<wire::DetectedPtcDataTypeRelatedExt, EncodeError> {
    use wire::DetectedPtcDataTypeRelatedExt as Ext;
    Ok(match more {
        DetectedExtension::Motor(motor) => Ext::MotorExt(to_motor(motor).map_err(|e| e.under("motor"))?),
        DetectedExtension::NonMotor(person) => Ext::NonMotorExt(to_person(person).map_err(|e| e.under("non_motor"))?),
    })
}

pub(super) fn from_extension(more: &wire::DetectedPtcDataTypeRelatedExt) -> DetectedExtension {
    use wire::DetectedPtcDataTypeRelatedExt as Ext;
    match more {
        Ext::MotorExt(motor) => DetectedExtension::Motor(from_motor(motor)),
        Ext::NonMotorExt(person) => {
            DetectedExtension::NonMotor(from_person(person.overall_radius, &person.non_motor_data))
        }
    }
}

fn to_motor(motor: &MotorExtension) -> Result<wire::MotorDataExtension, EncodeError> {
    let sure = motor.attitude_confidence.as_ref();
    let rate_sure = motor.angular_velocity_confidence.as_ref();
    Ok(wire::MotorDataExtension {
        lights: motor.lights.as_ref().map(to_bits).map(wire::ExteriorLights),
        veh_attitude: part("attitude", motor.attitude.as_ref(), |at| {
            Ok(wire::Attitude {
                pitch: wire::Pitch(TILT.saturate("pitch_deg", at.pitch_deg)? as i16),
                roll: wire::Roll(TILT.saturate("roll_deg", at.roll_deg)? as i16),
                yaw: wire::Yaw(YAW.saturate("yaw_deg", at.yaw_deg)? as i16),
            })
        })?,
        veh_attitude_confidence: part("attitude_confidence", sure, |sure| {
            Ok(wire::AttitudeConfidence {
                pitch_confidence: to_step_or_unavailable("pitch_deg", &HEADING_DEG, sure.pitch_deg)?,
                roll_rate_confidence: to_step_or_unavailable("roll_deg", &HEADING_DEG, sure.roll_deg)?,
                yaw_rate: to_step_or_unavailable("yaw_deg", &HEADING_DEG, sure.yaw_deg)?,
            })
        })?,
        veh_ang_vel: part("angular_velocity", motor.angular_velocity.as_ref(), |turns| {
            Ok(wire::AngularVelocity {
                pitch_rate: wire::PitchRate(YAW_RATE.saturate("pitch_dps", turns.pitch_dps)? as i16),
                roll_rate: wire::RollRate(YAW_RATE.saturate("roll_dps", turns.roll_dps)? as i16),
                yaw_rate: wire::YawRate(YAW_RATE.saturate("yaw_dps", turns.yaw_dps)? as i16),
            })
        })?,
        veh_ang_vel_confidence: part("angular_velocity_confidence", rate_sure, |sure| {
            Ok(wire::AngularVelocityConfidence {
                pitch_rate: to_step_or_unavailable("pitch_dps", &RATE, sure.pitch_dps)?,
                roll_rate: to_step_or_unavailable("roll_dps", &RATE, sure.roll_dps)?,
                yaw_rate: to_step_or_unavailable("yaw_dps", &RATE, sure.yaw_dps)?,
            })
        })?,
    })
}

fn from_motor(motor: &wire::MotorDataExtension) -> MotorExtension {
    let rate = |steps: i16| YAW_RATE.value(i64::from(steps));
    MotorExtension {
        lights: motor.lights.as_ref().map(|bits| from_bits(&bits.0)),
        attitude: motor.veh_attitude.as_ref().map(|at| Attitude {
            pitch_deg: TILT.value(i64::from(at.pitch.0)),
            roll_deg: TILT.value(i64::from(at.roll.0)),
            yaw_deg: YAW.value(i64::from(at.yaw.0)),
        }),
        attitude_confidence: motor.veh_attitude_confidence.as_ref().map(|sure| AttitudeConfidence {
            pitch_deg: from_step(&HEADING_DEG, &sure.pitch_confidence),
            roll_deg: from_step(&HEADING_DEG, &sure.roll_rate_confidence),
            yaw_deg: from_step(&HEADING_DEG, &sure.yaw_rate),
        }),
        angular_velocity: motor.veh_ang_vel.as_ref().map(|turns| AngularVelocity {
            pitch_dps: rate(turns.pitch_rate.0),
            roll_dps: rate(turns.roll_rate.0),
            yaw_dps: rate(turns.yaw_rate.0),
        }),
        angular_velocity_confidence: motor.veh_ang_vel_confidence.as_ref().map(|sure| AngularVelocityConfidence {
            pitch_dps: from_step(&RATE, &sure.pitch_rate),
            roll_dps: from_step(&RATE, &sure.roll_rate),
            yaw_dps: from_step(&RATE, &sure.yaw_rate),
        }),
    }
}
