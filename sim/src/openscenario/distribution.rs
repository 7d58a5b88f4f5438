//! Parameter value distributions: files that say with which parameters a scenario is run, again and again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::complaint::Complaint;
use super::entity::relative;
use super::reader::Reader;
use super::xml::{self, Element};
use super::{limits, standard};
use crate::random::Luck;

/// Draws outside the range before it is given up.
const DRAWS: usize = 10_000;

/// Values of parameters for one run.
pub type Assignment = BTreeMap<String, String>;

/// A distribution, drawn.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// The scenario that is run.
    pub scenario: PathBuf,
    /// The runs.
    pub runs: Vec<Assignment>,
}

/// The tree holds a distribution, not a scenario.
#[must_use]
pub fn is_distribution(root: &Element) -> bool {
    root.child("ParameterValueDistribution").is_some()
}

impl Distribution {
    /// Reads a file and draws from it; `seed` is taken where the file has none.
    ///
    /// # Errors
    /// Everything in it that is wrong.
    pub fn read(path: &Path, seed: u64) -> Result<Self, Vec<Complaint>> {
        let root = xml::read(path).map_err(|c| vec![c])?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Self::of(&root, folder, seed)
    }

    /// Draws from a tree.
    ///
    /// # Errors
    /// As [`Distribution::read`].
    pub fn of(root: &Element, folder: PathBuf, seed: u64) -> Result<Self, Vec<Complaint>> {
        let Some(e) = root.child("ParameterValueDistribution") else {
            return Err(vec![root.complain("is no ParameterValueDistribution", "give a file that has one")]);
        };
        let mut reader = Reader::new(folder, BTreeMap::new());
        standard::check(root, "OpenScenario", &mut reader.complaints);
        reader.declare(root);
        let file = e.child("ScenarioFile").map(|f| reader.text(f, "filepath")).unwrap_or_default();
        if file.is_empty() {
            reader.complain(e, "names no scenario", "add ScenarioFile with its filepath");
        }
        let runs = match (e.child("Deterministic"), e.child("Stochastic")) {
            (Some(fixed), _) => reader.combinations(fixed),
            (None, Some(random)) => reader.draws(random, seed),
            _ => {
                reader.complain(e, "is empty", "add Deterministic or Stochastic");
                Vec::new()
            }
        };
        if !reader.complaints.is_empty() {
            return Err(reader.complaints);
        }
        Ok(Self { scenario: relative(&reader.folder, &file), runs })
    }
}

impl Reader {
    /// Every combination of the values given, in order.
    fn combinations(&mut self, e: &Element) -> Vec<Assignment> {
        let mut runs = vec![Assignment::new()];
        for child in &e.children {
            let choices = if child.name == "DeterministicMultiParameterDistribution" {
                self.value_sets(child)
            } else {
                let name = self.reference(child, "parameterName");
                let values = self.values_of(child);
                values.into_iter().map(|v| Assignment::from([(name.clone(), v)])).collect()
            };
            if choices.is_empty() {
                self.complain(child, "has no value", "give at least one");
                return Vec::new();
            }
            if runs.len().saturating_mul(choices.len()) > limits::COMBINATIONS {
                let what = format!("more than {} combinations", limits::COMBINATIONS);
                self.complain(child, what, "give fewer values");
                return Vec::new();
            }
            runs = runs
                .iter()
                .flat_map(|run| {
                    choices.iter().map(|choice| {
                        let mut run = run.clone();
                        run.extend(choice.clone());
                        run
                    })
                })
                .collect();
        }
        runs
    }

    fn value_sets(&mut self, e: &Element) -> Vec<Assignment> {
        let sets = e.child("ValueSetDistribution").iter().flat_map(|d| d.all("ParameterValueSet")).collect::<Vec<_>>();
        let assign = |r: &mut Self, a: &Element| (r.reference(a, "parameterRef"), r.text(a, "value"));
        sets.into_iter().map(|set| set.all("ParameterAssignment").map(|a| assign(self, a)).collect()).collect()
    }

    fn values_of(&mut self, e: &Element) -> Vec<String> {
        if let Some(set) = e.child("DistributionSet") {
            return set.all("Element").map(|v| self.text(v, "value")).collect();
        }
        let Some(range) = e.child("DistributionRange") else { return Vec::new() };
        let step = self.number(range, "stepWidth");
        let Some([low, high]) = self.range(range) else { return Vec::new() };
        let count = ((high - low) / step + 1e-9).floor();
        if step <= 0.0 || count > limits::COMBINATIONS as f64 {
            self.complain(range, format!("stepWidth {step} makes too many values"), "give a larger step");
            return Vec::new();
        }
        // Counted, not added up: the last value is not lost to rounding.
        (0..=count as u32).map(|i| tidy(low + step * f64::from(i))).collect()
    }

    fn range(&mut self, e: &Element) -> Option<[f64; 2]> {
        let range = e.child("Range")?;
        let (low, high) = (self.number(range, "lowerLimit"), self.number(range, "upperLimit"));
        if low > high {
            self.complain(range, format!("{low} is above {high}"), "let lowerLimit be at most upperLimit");
        }
        Some([low, high])
    }

    fn draws(&mut self, e: &Element, seed: u64) -> Vec<Assignment> {
        let count = self.integer(e, "numberOfTestRuns");
        if !(1..=limits::COMBINATIONS as i64).contains(&count) {
            let what = format!("numberOfTestRuns={count}");
            self.complain(e, what, format!("give 1 to {}", limits::COMBINATIONS));
            return Vec::new();
        }
        let seed = self.optional_number(e, "randomSeed").map_or(seed, |s| s as u64);
        let mut runs = vec![Assignment::new(); count as usize];
        for distribution in e.all("StochasticDistribution") {
            let name = self.reference(distribution, "parameterName");
            let Some(inner) = distribution.children.first() else { continue };
            let mut luck = Luck::new(seed, &name);
            for run in &mut runs {
                match self.draw(inner, &mut luck) {
                    Some(value) => run.insert(name.clone(), value),
                    None => return Vec::new(),
                };
            }
        }
        runs
    }

    fn draw(&mut self, e: &Element, luck: &mut Luck) -> Option<String> {
        let before = self.complaints.len();
        let range = self.range(e);
        let value = match e.name.as_str() {
            "ProbabilityDistributionSet" => {
                let all: Vec<_> =
                    e.all("Element").map(|v| (self.text(v, "value"), self.positive(v, "weight"))).collect();
                let weights: Vec<_> = all.iter().map(|(_, w)| *w).collect();
                if weights.iter().sum::<f64>() <= 0.0 {
                    self.complain(e, "has no weight above 0", "give weights");
                    return None;
                }
                return Some(all[luck.pick(&weights)].0.clone());
            }
            "UniformDistribution" => {
                let [low, high] = range?;
                luck.between(low, high)
            }
            "Histogram" => {
                let bins: Vec<_> = e.all("Bin").map(|b| (self.range(b), self.positive(b, "weight"))).collect();
                let weights: Vec<_> = bins.iter().map(|(_, w)| *w).collect();
                let [low, high] = bins.get(luck.pick(&weights)).and_then(|b| b.0)?;
                luck.between(low, high)
            }
            _ => {
                let mean = self.number(e, "expectedValue");
                let variance = if e.name == "PoissonDistribution" { 0.0 } else { self.positive(e, "variance") };
                let mut one = || match e.name.as_str() {
                    "PoissonDistribution" => luck.count(mean) as f64,
                    // Mean and variance are those of the value, not of its logarithm.
                    "LogNormalDistribution" => {
                        let spread = (1.0 + variance / (mean * mean)).ln();
                        (mean.ln() - 0.5 * spread + luck.normal(spread.sqrt())).exp()
                    }
                    _ => mean + luck.normal(variance.sqrt()),
                };
                let inside = |v: &f64| v.is_finite() && range.is_none_or(|[low, high]| (low..=high).contains(v));
                match (0..DRAWS).map(|_| one()).find(inside) {
                    Some(value) => value,
                    None => {
                        self.complain(e, "gives no value in its Range", "widen the Range");
                        return None;
                    }
                }
            }
        };
        (self.complaints.len() == before).then(|| tidy(value))
    }
}

/// A number without the dust of its last digits.
fn tidy(value: f64) -> String {
    let rounded = (value * 1e9).round() / 1e9;
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(inner: &str) -> Result<Distribution, Vec<Complaint>> {
        let text = format!(
            "<OpenSCENARIO><FileHeader author='' date='' description='' revMajor='1' revMinor='1'/>\
             <ParameterValueDistribution><ScenarioFile filepath='a.xosc'/>{inner}</ParameterValueDistribution></OpenSCENARIO>"
        );
        Distribution::of(&xml::parse(&text, "d.xosc").unwrap(), PathBuf::from("x"), 7)
    }

    #[test]
    fn fixed_values_are_combined_in_order() {
        let d = of("<Deterministic>
            <DeterministicSingleParameterDistribution parameterName='v'><DistributionRange stepWidth='0.1'>
            <Range lowerLimit='0.1' upperLimit='0.3'/></DistributionRange></DeterministicSingleParameterDistribution>
            <DeterministicSingleParameterDistribution parameterName='$c'><DistributionSet><Element value='red'/>
            <Element value='blue'/></DistributionSet></DeterministicSingleParameterDistribution></Deterministic>")
        .unwrap();
        let told: Vec<_> = d.runs.iter().map(|r| format!("{} {}", r["v"], r["c"])).collect();
        assert_eq!(told, ["0.1 red", "0.1 blue", "0.2 red", "0.2 blue", "0.3 red", "0.3 blue"]);
        assert_eq!(d.scenario, PathBuf::from("x/a.xosc"));
    }

    #[test]
    fn draws_repeat_with_their_seed_and_stay_in_their_range() {
        let text = "<Stochastic numberOfTestRuns='500' randomSeed='3'><StochasticDistribution parameterName='v'>
            <NormalDistribution expectedValue='10' variance='4'><Range lowerLimit='8' upperLimit='12'/></NormalDistribution>
            </StochasticDistribution><StochasticDistribution parameterName='n'><ProbabilityDistributionSet>
            <Element value='a' weight='3'/><Element value='b' weight='1'/></ProbabilityDistributionSet>
            </StochasticDistribution></Stochastic>";
        let (a, b) = (of(text).unwrap(), of(text).unwrap());
        assert_eq!(a.runs, b.runs);
        let values: Vec<f64> = a.runs.iter().map(|r| r["v"].parse().unwrap()).collect();
        assert!(values.iter().all(|v| (8.0..=12.0).contains(v)));
        let mean = values.iter().sum::<f64>() / 500.0;
        assert!((mean - 10.0).abs() < 0.2, "{mean}");
        let share = a.runs.iter().filter(|r| r["n"] == "a").count();
        assert!((325..425).contains(&share), "{share}");
    }

    #[test]
    fn too_many_combinations_are_refused() {
        let one = |n: &str| {
            format!(
                "<DeterministicSingleParameterDistribution parameterName='{n}'><DistributionRange stepWidth='0.001'>
                <Range lowerLimit='0' upperLimit='1'/></DistributionRange></DeterministicSingleParameterDistribution>"
            )
        };
        let complaints = of(&format!("<Deterministic>{}{}</Deterministic>", one("a"), one("b"))).unwrap_err();
        assert!(complaints[0].what.contains("combinations"), "{complaints:?}");
        assert!(
            of("<Stochastic numberOfTestRuns='1'><StochasticDistribution parameterName='v'>
            <UserDefinedDistribution type='x'/></StochasticDistribution></Stochastic>")
            .is_err()
        );
    }
}
