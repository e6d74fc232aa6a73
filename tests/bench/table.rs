//! The table: one line per measured thing and number of messages.

use serde_json::json;

/// The measured values of one thing.
pub struct Measure {
    pub name: String,
    pub unit: &'static str,
    pub ours: Vec<f64>,
    pub floor: Vec<f64>,
}

/// All measures, in order.
#[derive(Default)]
pub struct Table {
    rows: Vec<(i64, Measure)>,
}

impl Table {
    /// Adds and reports what was measured with `messages` messages, each next to the same measure with another
    /// number.
    pub fn add(&mut self, messages: i64, measures: Vec<Measure>) {
        for measure in measures {
            eprintln!("{}", line(messages, &measure));
            let same = self.rows.iter().rposition(|(_, row)| row.name == measure.name);
            let index = same.map_or(self.rows.len(), |index| index + 1);
            self.rows.insert(index, (messages, measure));
        }
    }

    /// Prints the table, as JSON if `json` is set.
    pub fn print(&self, json: bool) {
        if json {
            let rows: Vec<_> =
                self.rows.iter().map(|(messages, measure)| in_json(*messages, measure)).collect();
            return println!("{}", json!({ "rows": rows }));
        }
        println!(
            "medians (lowest to highest, 99 in 100 no higher than); each floor was measured in this run"
        );
        for (messages, measure) in &self.rows {
            println!("{}", line(*messages, measure));
        }
    }
}

fn in_json(messages: i64, Measure { name, unit, ours, floor }: &Measure) -> serde_json::Value {
    let (ours, floor) = (Spread::from_values(ours), Spread::from_values(floor));
    json!({ "name": name, "messages": messages, "unit": unit, "ratio": ours.median / floor.median,
        "ours": ours.in_json(), "floor": floor.in_json() })
}

fn line(messages: i64, Measure { name, unit, ours, floor }: &Measure) -> String {
    let (ours, floor) = (Spread::from_values(ours), Spread::from_values(floor));
    let ratio = ours.median / floor.median;
    let (ours, floor) = (ours.in_words(unit), floor.in_words(unit));
    format!("{name:<62} {messages:>9} {ratio:>6.2} ×   {ours:<38} floor {floor}")
}

/// The distribution of measured values.
struct Spread {
    median: f64,
    lowest: f64,
    p99: f64,
    highest: f64,
}

impl Spread {
    fn from_values(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let highest = sorted.len() - 1;
        let (median, p99) = (sorted[sorted.len() / 2], sorted[(highest * 99).div_ceil(100)]);
        Self { median, lowest: sorted[0], p99, highest: sorted[highest] }
    }

    fn in_words(&self, unit: &str) -> String {
        let Self { median, lowest, p99, highest } = self;
        format!("{median:.2} {unit} ({lowest:.2} to {highest:.2}, {p99:.2})")
    }

    fn in_json(&self) -> serde_json::Value {
        let Self { median, lowest, p99, highest } = self;
        json!({ "median": median, "lowest": lowest, "p99": p99, "highest": highest })
    }
}
