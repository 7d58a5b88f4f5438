//! The schemas as data: what is in a type, in which order, with which limits, under the names of the standard. The
//! generated Rust types serve the model; whatever goes through any message without knowing its type (wire-level JSON,
//! `--bits`, random samples, JSON Schema) walks along these tables, which `build.rs` makes of the same ASN.1 text.

use crate::uper::Size;
use crate::{Profile, wire};

/// One message set.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Every type, in the order of the names.
    pub types: &'static [Named],
    /// What open types hold, in the order of container and number.
    pub opens: &'static [Open],
}

/// A type of the standard.
#[derive(Debug)]
pub(crate) struct Named {
    pub name: &'static str,
    pub shape: Shape,
}

/// When the selector in `container` has this number, its open type holds a `content`. Both are places in `types`.
#[derive(Debug)]
pub(crate) struct Open {
    pub container: usize,
    pub number: i64,
    pub content: usize,
    /// Nobody has seen one on air.
    pub experimental: bool,
}

/// A component of a SEQUENCE or an alternative of a CHOICE.
#[derive(Debug)]
pub(crate) struct Component {
    pub name: &'static str,
    pub optional: bool,
    pub shape: Shape,
}

/// What a value consists of. `root` counts the parts before the extension marker.
#[derive(Debug)]
pub(crate) enum Shape {
    Boolean,
    Null,
    Integer {
        least: Option<i64>,
        most: Option<i64>,
        extensible: bool,
    },
    Enumerated {
        names: &'static [&'static str],
        root: usize,
        extensible: bool,
    },
    Bits {
        names: &'static [(&'static str, u64)],
        size: Size,
    },
    Octets {
        size: Size,
    },
    Ascii {
        size: Size,
    },
    /// An object identifier; a relative one does not begin with one of the three roots.
    Identifier {
        relative: bool,
    },
    List {
        of: &'static Shape,
        size: Size,
    },
    Sequence {
        parts: &'static [Component],
        root: usize,
        extensible: bool,
    },
    Choice {
        parts: &'static [Component],
        root: usize,
        extensible: bool,
    },
    /// A type at this place in [`Schema::types`].
    Reference(usize),
    /// Octets whose content the component `selector` of the same SEQUENCE tells.
    Open {
        container: usize,
        selector: &'static str,
    },
}

impl Schema {
    /// The tables of a profile.
    pub(crate) fn of(profile: Profile) -> &'static Schema {
        match profile {
            Profile::Csae53_2020 => &wire::CSAE53_SHAPES,
            Profile::Ydt3709_2020 => &wire::YDT3709_SHAPES,
            Profile::Csae157_2020 => &wire::CSAE157_SHAPES,
            Profile::J2735_2024 => &wire::J2735_SHAPES,
        }
    }

    /// A type by the name that the standard gives it.
    pub(crate) fn named(&self, name: &str) -> Option<&'static Named> {
        let at = self.types.binary_search_by(|named| named.name.cmp(name)).ok()?;
        self.types.get(at)
    }

    /// What a shape refers to; any other shape is itself.
    pub(crate) fn resolve<'a>(&self, shape: &'a Shape) -> &'a Shape
    where
        'static: 'a,
    {
        match shape {
            Shape::Reference(at) => self.types.get(*at).map_or(&Shape::Null, |named| self.resolve(&named.shape)),
            other => other,
        }
    }

    /// What an open type holds when its selector has this number.
    pub(crate) fn content(&self, container: usize, number: i64) -> Option<&'static Named> {
        let at = self.opens.binary_search_by_key(&(container, number), |open| (open.container, open.number)).ok()?;
        self.types.get(self.opens.get(at)?.content)
    }

    /// Everything that an open type of `container` may hold, with its numbers.
    pub(crate) fn contents(&self, container: usize) -> impl Iterator<Item = (i64, &'static Named)> {
        let of_this = self.opens.iter().filter(move |open| open.container == container);
        of_this.filter_map(|open| Some((open.number, self.types.get(open.content)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_their_name() {
        for profile in Profile::ALL {
            let schema = Schema::of(profile);
            assert!(schema.types.is_sorted_by_key(|named| named.name), "{profile}");
            assert!(schema.named("MessageFrame").is_some(), "{profile}");
            assert!(schema.named("Messageframe").is_none(), "{profile}");
        }
    }

    #[test]
    fn the_selector_tells_what_an_open_type_holds() {
        let schema = Schema::of(Profile::J2735_2024);
        let frame = schema.types.iter().position(|named| named.name == "MessageFrame").unwrap();
        assert_eq!(schema.content(frame, 20).unwrap().name, "BasicSafetyMessage");
        assert_eq!(schema.content(frame, 41).unwrap().name, "SensorDataSharingMessage");
        assert!(schema.content(frame, 19_999).is_none());
        assert_eq!(schema.contents(frame).count(), 49);
    }

    #[test]
    fn the_seven_types_of_yd_t_3709_and_no_others_differ() {
        let (ours, theirs) = (Schema::of(Profile::Csae53_2020), Schema::of(Profile::Ydt3709_2020));
        let pairs = ours.types.iter().zip(theirs.types);
        let differing: Vec<&str> = pairs
            .filter(|(a, b)| format!("{:?}", a.shape) != format!("{:?}", b.shape))
            .map(|(a, b)| if a.name == b.name { a.name } else { "another name" })
            .collect();
        let seven =
            ["ConnectsToList", "DHour", "DTimeOffset", "FullPositionVector", "Link", "NodeList", "PathPointList"];
        assert_eq!(differing, seven);
    }
}
