//! Which messages a profile has, as its schema says.

use super::FRAME;
use crate::Profile;
use crate::shape::{Schema, Shape};

/// A message of a profile.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct MessageType {
    /// The type of its content: `BasicSafetyMessage`.
    pub name: &'static str,
    /// Its number in the frame, or the place of its alternative; the messages of Day II have numbers of their own.
    pub number: i64,
    /// The alternative of the frame that holds it, where the frame is a choice.
    pub alternative: Option<&'static str>,
    /// Its definition is a reconstruction, and nobody has seen one on air.
    pub experimental: bool,
}

/// Every message of a profile, in the order of the numbers.
#[must_use]
pub fn messages(profile: Profile) -> Vec<MessageType> {
    let schema = Schema::of(profile);
    let mut messages = Vec::new();
    if let Some(Shape::Choice { parts, root, .. }) = schema.named(FRAME).map(|frame| &frame.shape) {
        for (number, part) in parts.iter().take(*root).enumerate() {
            if let Shape::Reference(at) = part.shape
                && let Some(content) = schema.types.get(at)
            {
                messages.push(MessageType {
                    name: content.name,
                    number: number as i64,
                    alternative: Some(part.name),
                    experimental: false,
                });
            }
        }
    }
    let frames = [FRAME, "MessageFrameExt"];
    let selects = |container: usize| schema.types.get(container).is_some_and(|named| frames.contains(&named.name));
    let opened = schema.opens.iter().filter(|open| selects(open.container)).filter_map(|open| {
        let name = schema.types.get(open.content)?.name;
        Some(MessageType { name, number: open.number, alternative: None, experimental: open.experimental })
    });
    messages.extend(opened);
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_lists_its_messages() {
        let names = |profile| messages(profile).iter().map(|message| message.name).collect::<Vec<_>>();
        let day1 = ["BasicSafetyMessage", "MapData", "RoadsideSafetyMessage", "SPAT", "RoadSideInformation"];
        assert_eq!(names(Profile::Csae53_2020), day1);
        assert_eq!(names(Profile::Ydt3709_2020), day1);
        assert_eq!(names(Profile::Csae157_2020)[5..7], ["TestMsg", "RTCMcorrections"]);
        assert_eq!(names(Profile::Csae157_2020).len(), 13);
        assert_eq!(names(Profile::J2735_2024).len(), 49);
    }

    #[test]
    fn of_day_2_only_what_was_seen_on_air_is_not_experimental() {
        let day2 = messages(Profile::Csae157_2020).into_iter().skip(5);
        let proven: Vec<&str> = day2.filter(|message| !message.experimental).map(|message| message.name).collect();
        assert_eq!(proven, ["CLPMM"]);
    }
}
