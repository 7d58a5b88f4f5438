//! BSM between model and wire: core data, and part II as three open types.

use super::frame::{close, from_temporary, open, to_count, to_temporary};
use super::motion::{
    from_acceleration, from_height, from_size, from_speed, from_steering, from_transmission, or_unavailable,
    to_acceleration, to_height, to_size, to_speed, to_steering, to_transmission,
};
use super::motion::{from_heading, to_heading};
use super::path::{from_history, from_prediction, to_history, to_prediction};
use super::place::{from_accuracy, paired, place, raw, to_accuracy};
use super::time::{from_second, to_second};
use crate::csae::named::{from_bits, from_enumerated, to_bits, to_optional};
use crate::csae::part;
use crate::csae::quantity::at_most;
use crate::error::{DecodeError, EncodeError};
use crate::model::flags::Wheel;
use crate::model::{Brakes, Bsm, EmergencyExt, Position, SafetyExt, VehicleClass, VehicleSize};
use crate::wire::j2735 as wire;

/// PartII-Id.
const SAFETY: u8 = 0;
const SPECIAL: u8 = 1;
const SUPPLEMENTAL: u8 = 2;

pub(super) fn to_wire(bsm: &Bsm) -> Result<wire::BasicSafetyMessage, EncodeError> {
    let here = paired(bsm.lat_deg, bsm.lon_deg, bsm.elevation_m)?;
    let part_ii = to_part_ii(bsm, here.as_ref())?;
    let part_ii = (!part_ii.is_empty()).then_some(part_ii);
    Ok(wire::BasicSafetyMessage { core_data: to_core(bsm)?, part_ii, regional: None })
}

/// The first part, which ICA has too.
pub(super) fn to_core(bsm: &Bsm) -> Result<wire::BsMcoreData, EncodeError> {
    let here = paired(bsm.lat_deg, bsm.lon_deg, bsm.elevation_m)?;
    let (lat, long, elevation) = raw(here.as_ref())?;
    Ok(wire::BsMcoreData {
        msg_cnt: to_count(bsm.msg_cnt)?,
        id: to_temporary(&bsm.id),
        sec_mark: to_second("sec_mark_ms", bsm.sec_mark_ms)?,
        lat: wire::Latitude(lat),
        long: wire::Longitude(long),
        elev: wire::Elevation(elevation),
        accuracy: to_accuracy(bsm.pos_accuracy.as_ref()).map_err(|e| e.under("pos_accuracy"))?,
        transmission: to_transmission(bsm.transmission)?,
        speed: wire::Speed(to_speed("speed_mps", bsm.speed_mps)?),
        heading: to_heading(bsm.heading_deg)?,
        angle: to_steering(bsm.angle_deg)?,
        accel_set: to_acceleration(&bsm.accel_set).map_err(|e| e.under("accel_set"))?,
        brakes: to_brakes(&bsm.brakes).map_err(|e| e.under("brakes"))?,
        size: to_size(bsm.size.width_m, bsm.size.length_m).map_err(|e| e.under("size"))?,
    })
}

pub(super) fn from_wire(bsm: &wire::BasicSafetyMessage) -> Result<Bsm, DecodeError> {
    let mut found = from_core(&bsm.core_data);
    let here = found.position();
    for part in bsm.part_ii.iter().flatten() {
        from_part_ii(part, here.as_ref(), &mut found)?;
    }
    Ok(found)
}

pub(super) fn from_core(core: &wire::BsMcoreData) -> Bsm {
    let here = place(core.lat.0, core.long.0, Some(core.elev.0));
    let (width_m, length_m) = from_size(&core.size);
    Bsm {
        msg_cnt: core.msg_cnt.0,
        id: from_temporary(&core.id),
        sec_mark_ms: from_second(&core.sec_mark),
        lat_deg: here.map(|here| here.lat_deg),
        lon_deg: here.map(|here| here.lon_deg),
        elevation_m: here.and_then(|here| here.elevation_m),
        pos_accuracy: from_accuracy(&core.accuracy),
        transmission: from_transmission(&core.transmission),
        speed_mps: from_speed(core.speed.0),
        heading_deg: from_heading(&core.heading),
        angle_deg: from_steering(&core.angle),
        accel_set: from_acceleration(&core.accel_set),
        brakes: from_brakes(&core.brakes),
        size: VehicleSize { width_m, length_m, height_m: None },
        ..Bsm::default()
    }
}

fn to_part_ii(bsm: &Bsm, here: Option<&Position>) -> Result<Vec<wire::PartIIcontent>, EncodeError> {
    let mut parts = Vec::new();
    let mut add = |part_ii_id, part_ii_value| parts.push(wire::PartIIcontent { part_ii_id, part_ii_value });
    if let Some(ext) = &bsm.safety_ext {
        add(SAFETY, close(&to_safety(ext, here).map_err(|e| e.under("safety_ext"))?)?);
    }
    if let Some(ext) = &bsm.emergency_ext {
        let ext = to_special(ext).map_err(|e| e.under("emergency_ext"))?;
        add(SPECIAL, close(&ext)?);
    }
    if bsm.vehicle_class != VehicleClass::default() || bsm.size.height_m.is_some() {
        add(SUPPLEMENTAL, close(&to_supplemental(&bsm.vehicle_class, bsm.size.height_m)?)?);
    }
    Ok(parts)
}

/// A part with a number that no edition up to 2024 knows is left out.
fn from_part_ii(part: &wire::PartIIcontent, here: Option<&Position>, bsm: &mut Bsm) -> Result<(), DecodeError> {
    let octets = part.part_ii_value.as_slice();
    match part.part_ii_id {
        SAFETY => {
            let ext = from_safety(&open(octets)?, here).map_err(|e| e.under("safety_ext"))?;
            bsm.safety_ext = Some(ext);
        }
        SPECIAL => {
            let ext: wire::SpecialVehicleExtensions = open(octets)?;
            bsm.emergency_ext = ext.vehicle_alerts.as_ref().map(from_alerts);
        }
        SUPPLEMENTAL => {
            let ext: wire::SupplementalVehicleExtensions = open(octets)?;
            let class = ext.class_details.as_ref();
            bsm.vehicle_class = VehicleClass {
                classification: ext.classification.as_ref().map_or(0, |class| class.0),
                fuel_type: class.and_then(|class| class.fuel_type.as_ref()).map(|fuel| fuel.0),
            };
            bsm.size.height_m = from_height(ext.vehicle_data.as_ref().and_then(|data| data.height.as_ref()));
        }
        _ => {}
    }
    Ok(())
}

fn to_safety(ext: &SafetyExt, here: Option<&Position>) -> Result<wire::VehicleSafetyExtensions, EncodeError> {
    let history = part("path_history", ext.path_history.as_ref(), |path| to_history(path, here))?;
    Ok(wire::VehicleSafetyExtensions {
        events: ext.events.as_ref().map(to_bits).map(wire::VehicleEventFlags),
        path_history: history.flatten(),
        path_prediction: part("path_prediction", ext.path_prediction.as_ref(), to_prediction)?,
        lights: ext.lights.as_ref().map(to_bits).map(wire::ExteriorLights),
    })
}

fn from_safety(ext: &wire::VehicleSafetyExtensions, here: Option<&Position>) -> Result<SafetyExt, DecodeError> {
    let history = ext.path_history.as_ref().map(|path| from_history(path, here)).transpose();
    Ok(SafetyExt {
        events: ext.events.as_ref().map(|bits| from_bits(&bits.0)),
        path_history: history.map_err(|e| e.under("path_history"))?.flatten(),
        path_prediction: ext.path_prediction.as_ref().map(from_prediction),
        lights: ext.lights.as_ref().map(|bits| from_bits(&bits.0)),
    })
}

fn to_special(ext: &EmergencyExt) -> Result<wire::SpecialVehicleExtensions, EncodeError> {
    let alerts = wire::EmergencyDetails {
        do_not_use: wire::SsPindex(0),
        siren_use: or_unavailable("siren_use", ext.siren_use)?,
        lights_use: or_unavailable("lights_use", ext.lights_use)?,
        multi: wire::MultiVehicleResponse::Unavailable,
        events: None,
        response_type: to_optional("response_type", ext.response_type)?,
    };
    Ok(wire::SpecialVehicleExtensions { vehicle_alerts: Some(alerts), description: None, do_not_use: None })
}

fn from_alerts(alerts: &wire::EmergencyDetails) -> EmergencyExt {
    EmergencyExt {
        response_type: alerts.response_type.as_ref().and_then(from_enumerated),
        siren_use: from_enumerated(&alerts.siren_use),
        lights_use: from_enumerated(&alerts.lights_use),
    }
}

fn to_supplemental(
    class: &VehicleClass,
    height_m: Option<f64>,
) -> Result<wire::SupplementalVehicleExtensions, EncodeError> {
    let fuel = class.fuel_type.map(|fuel| at_most("vehicle_class.fuel_type", fuel, 15)).transpose()?;
    let height = to_height(height_m).map_err(|e| e.under("size"))?;
    Ok(wire::SupplementalVehicleExtensions {
        classification: (class.classification != 0).then_some(wire::BasicVehicleClass(class.classification)),
        class_details: fuel
            .map(|fuel| wire::VehicleClassification { fuel_type: Some(wire::FuelType(fuel)), ..Default::default() }),
        vehicle_data: height.map(|height| wire::VehicleData { height: Some(height), ..Default::default() }),
        ..Default::default()
    })
}

fn to_brakes(brakes: &Brakes) -> Result<wire::BrakeSystemStatus, EncodeError> {
    let unknown = [Wheel::Unavailable].into();
    Ok(wire::BrakeSystemStatus {
        wheel_brakes: wire::BrakeAppliedStatus(to_bits(brakes.wheel_brakes.as_ref().unwrap_or(&unknown))),
        traction: or_unavailable("traction", brakes.traction)?,
        abs: or_unavailable("abs", brakes.abs)?,
        scs: or_unavailable("scs", brakes.scs)?,
        brake_boost: or_unavailable("brake_boost", brakes.brake_boost)?,
        aux_brakes: or_unavailable("aux_brakes", brakes.aux_brakes)?,
    })
}

fn from_brakes(brakes: &wire::BrakeSystemStatus) -> Brakes {
    let wheels = from_bits(&brakes.wheel_brakes.0);
    Brakes {
        brake_pedal: None,
        wheel_brakes: (!wheels.contains(&Wheel::Unavailable)).then_some(wheels),
        traction: from_enumerated(&brakes.traction),
        abs: from_enumerated(&brakes.abs),
        scs: from_enumerated(&brakes.scs),
        brake_boost: from_enumerated(&brakes.brake_boost),
        aux_brakes: from_enumerated(&brakes.aux_brakes),
    }
}
