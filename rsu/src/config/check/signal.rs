//! Rules of the signal plan, alone and against the map.

use std::collections::BTreeSet;

use super::Rules;
use crate::config::{SignalGroupPlan, SignalProtocol};

impl Rules<'_> {
    pub(super) fn signal(&mut self) {
        let config = self.config;
        match (config.signal.protocol, &config.signal.plan) {
            (SignalProtocol::Plan, None) => {
                let help =
                    "add a table `[signal.plan]` with `cycle_s` and a `[[signal.plan.group]]` for each signal group";
                let title = "`protocol = \"plan\"`, but there is no plan".into();
                self.error("config::plan", &["signal", "protocol"], title, "where is it?", help);
            }
            (SignalProtocol::None, Some(_)) => {
                let help = "write `protocol = \"plan\"` in `[signal]`, or take the plan out";
                let title = "there is a signal plan, but it is not used".into();
                self.warning("config::plan", &["signal", "plan"], title, "`protocol` is `none`", help);
            }
            _ => {}
        }
        let Some(plan) = &config.signal.plan else { return };
        let mut seen = BTreeSet::new();
        for (n, group) in plan.group.iter().enumerate() {
            self.group(n, group, plan.cycle_s);
            if !seen.insert(group.id) {
                let number = n.to_string();
                let title = format!("signal group {} is planned twice", group.id);
                let help = "one `[[signal.plan.group]]` for each signal group; two greens a cycle cannot be planned";
                self.error(
                    "config::duplicate",
                    &["signal", "plan", "group", &number, "id"],
                    title,
                    "used before",
                    help,
                );
            }
        }
        if config.signal.protocol == SignalProtocol::Plan {
            self.plan_against_map(&seen);
        }
    }

    fn group(&mut self, n: usize, group: &SignalGroupPlan, cycle_s: f64) {
        let number = n.to_string();
        let at = |key| ["signal", "plan", "group", number.as_str(), key];
        if group.green_from_s >= cycle_s {
            let title = format!("green begins at {} s, after the end of the cycle of {cycle_s} s", group.green_from_s);
            let help = format!("choose 0 to {cycle_s}, counted from the start of the cycle");
            self.error("config::plan", &at("green_from_s"), title, "beyond the cycle", help);
        }
        let lit = group.green_s + group.yellow_s;
        if lit > cycle_s {
            let title = format!("green and yellow take {lit} s of a cycle of {cycle_s} s");
            let help = "make green shorter or the cycle longer; the rest of the cycle is red";
            self.error("config::plan", &at("green_s"), title, "longer than the cycle", help);
        }
    }

    fn plan_against_map(&mut self, planned: &BTreeSet<u8>) {
        if self.config.site.map.is_none() {
            let help = "give `[site] map`: SPAT names the node and the signal groups of the map";
            let title = "signals need a map".into();
            self.error("config::map", &["signal", "protocol"], title, "no `[site] map`", help);
        }
        let Some(map) = self.map else { return };
        let ways = map.links.iter().flat_map(|link| &link.lanes).flat_map(|lane| &lane.connections);
        let crosswalks = map.crosswalks.iter().filter_map(|walk| walk.signal_group);
        let mapped: BTreeSet<u8> = ways.filter_map(|way| way.signal_group).chain(crosswalks).collect();
        let list = |groups: &BTreeSet<u8>| groups.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        for id in planned.difference(&mapped) {
            let n = self.config.signal.plan.iter().flat_map(|plan| &plan.group).position(|group| group.id == *id);
            let number = n.unwrap_or_default().to_string();
            let title = format!("signal group {id} is planned, but nothing in the map obeys it");
            let help = match mapped.is_empty() {
                true => "the map has no signal group; add `signal_group` to its connections and crosswalks".into(),
                false => format!("the map has the signal groups {}", list(&mapped)),
            };
            self.error("config::group", &["signal", "plan", "group", &number, "id"], title, "not in the map", help);
        }
        let missing: BTreeSet<u8> = mapped.difference(planned).copied().collect();
        if !missing.is_empty() {
            let title = format!("the map has signal groups without a plan: {}", list(&missing));
            let help = "add a `[[signal.plan.group]]` for each";
            self.warning("config::group", &["signal", "plan"], title, "they would be red for ever", help);
        }
    }
}
