//! JUnit XML of several scenarios. A failed expectation is a failure, a scenario that could not be run an error.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Outcome, Result};
use crate::verdict::Verdict;

/// The XML.
#[must_use]
pub fn junit(results: &[Result]) -> String {
    let mut report = Report::new("rsu-sim");
    for result in results {
        let (name, cases) = match result {
            Ok(outcome) => (outcome.scenario.as_str(), cases(outcome)),
            Err((name, why)) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(why.lines().next().unwrap_or_default()).set_description(why);
                (name.as_str(), vec![TestCase::new("the scenario runs", status)])
            }
        };
        let mut suite = TestSuite::new(name);
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    // quick-junit writes to a string; it fails only when the writer does.
    report.to_string().unwrap_or_default()
}

fn cases(outcome: &Outcome) -> Vec<TestCase> {
    let case = |verdict: &Verdict| {
        let status = if verdict.pass {
            TestCaseStatus::success()
        } else {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let more = format!("{}\nrepeat: {}", verdict.measured, outcome.repeat);
            status.set_message(&verdict.measured).set_type("expectation").set_description(more);
            status
        };
        let mut case = TestCase::new(&verdict.that, status);
        case.set_classname(format!("{} seed {}", outcome.scenario, outcome.seed));
        case.set_time(Duration::from_secs_f64(outcome.for_s));
        if !outcome.collisions.is_empty() {
            // Information, not a verdict: whoever forbids collisions says so in an expectation.
            case.set_system_out(outcome.collisions.join("\n"));
        }
        case
    };
    outcome.verdicts.iter().map(case).collect()
}
