//! Vehicle types of SUMO: `vClass` and the attributes of `vType`.

use roxmltree::Node;

use super::xml::{Reader, SumoError};
use crate::microsim::following::Model;
use crate::microsim::style::{Class, Style};

/// Imperfection of Krauss' drivers when the type gives none.
const SIGMA: f64 = 0.5;

/// Our class of a `vClass`; none for those that do not drive on roads.
#[must_use]
pub fn class_of(name: &str) -> Option<Class> {
    Some(match name {
        "passenger" | "private" | "delivery" | "taxi" | "evehicle" | "hov" | "vip" | "custom1" | "custom2"
        | "ignoring" => Class::Car,
        "truck" => Class::Truck,
        "trailer" => Class::Trailer,
        "bus" | "coach" => Class::Bus,
        "emergency" | "authority" | "army" => Class::Emergency,
        "motorcycle" | "moped" => Class::Motorcycle,
        "bicycle" => Class::Bicycle,
        _ => return None,
    })
}

/// The type that vehicles without one have.
#[must_use]
pub fn default_style(name: &str) -> Style {
    Style { name: name.to_owned(), ..Style::of(Class::Car).with_model(Model::Krauss { sigma: SIGMA }) }
}

/// Reads a `vType`.
///
/// # Errors
/// When its class or model is none of ours, or an attribute is no number.
pub fn style(reader: &Reader<'_>, node: Node<'_, '_>) -> Result<Style, SumoError> {
    let name = reader.need(node, "id")?;
    let class = match node.attribute("vClass") {
        Some(class) => class_of(class).ok_or_else(|| {
            reader.error(
                node,
                format!("vClass=\"{class}\" does not drive on roads"),
                "use passenger, truck, trailer, bus, emergency, motorcycle or bicycle",
            )
        })?,
        None => Class::Car,
    };
    let mut style = Style { name: name.to_owned(), ..Style::of(class) };
    let sigma = reader.number(node, "sigma")?.unwrap_or(SIGMA).clamp(0.0, 1.0);
    style.model = match node.attribute("carFollowModel").unwrap_or("Krauss") {
        "IDM" => Model::Idm,
        "Krauss" | "SKOrig" | "KraussOrig1" => Model::Krauss { sigma },
        other => {
            return Err(reader.error(node, format!("carFollowModel=\"{other}\" is not there"), "use Krauss or IDM"));
        }
    };
    let set = |name: &str, field: &mut f64| -> Result<(), SumoError> {
        if let Some(value) = reader.number(node, name)? {
            if value < 0.0 {
                return Err(reader.error(node, format!("{name}=\"{value}\" is negative"), "give 0 or more"));
            }
            *field = value;
        }
        Ok(())
    };
    let mut length = style.size.length_m;
    set("length", &mut length)?;
    set("width", &mut style.size.width_m)?;
    set("height", &mut style.size.height_m)?;
    set("minGap", &mut style.min_gap_m)?;
    set("maxSpeed", &mut style.max_speed_mps)?;
    set("accel", &mut style.accel)?;
    set("decel", &mut style.decel)?;
    style.emergency_decel = style.emergency_decel.max(style.decel);
    set("emergencyDecel", &mut style.emergency_decel)?;
    set("tau", &mut style.headway_s)?;
    set("speedDev", &mut style.speed_factor[1])?;
    if length < 0.1 || style.accel < 0.01 || style.decel < 0.01 {
        return Err(reader.error(node, "length, accel and decel must be more than 0", "correct them"));
    }
    if style.trailer_m > 0.0 {
        style.trailer_m *= length / style.size.length_m;
    }
    style.size.length_m = length;
    if let Some(text) = node.attribute("speedFactor") {
        style.speed_factor =
            speed_factor(reader, node, text, style.speed_factor[1], node.attribute("speedDev").is_some())?;
    }
    Ok(style)
}

/// A number, or `norm(mean, dev)`, or `normc(mean, dev, min, max)`.
fn speed_factor(
    reader: &Reader<'_>,
    node: Node<'_, '_>,
    text: &str,
    dev: f64,
    has_dev: bool,
) -> Result<[f64; 2], SumoError> {
    let inside = text.strip_prefix("normc(").or_else(|| text.strip_prefix("norm(")).and_then(|t| t.strip_suffix(')'));
    let Some(inside) = inside else {
        // A plain number keeps the deviation of the type (SUMO, vType definition).
        return Ok([reader.as_number(node, "speedFactor", text)?, dev]);
    };
    let numbers: Vec<f64> =
        inside.split(',').map(|n| reader.as_number(node, "speedFactor", n)).collect::<Result<_, _>>()?;
    let mean = numbers.first().copied().unwrap_or(1.0);
    Ok([mean, if has_dev { dev } else { numbers.get(1).copied().unwrap_or(0.0) }])
}
