//! One statement for many rows, which the statement reads from a table named `given`.

use super::value::Value;

/// The type of a column of `given`.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// [`Value::Id`].
    Id,
    /// [`Value::Int`].
    Int,
    /// [`Value::Text`].
    Text,
}

/// A statement that treats every row of `given` independently of the others: PostgreSQL runs it once for all of
/// them, SQLite once for each.
pub struct Each {
    /// The columns of `given`.
    pub columns: &'static [(&'static str, Kind)],
    /// The statement. It takes no parameters besides `given`.
    pub sql: &'static str,
}

impl Each {
    /// Returns the SQL for one row of `given`, with a parameter for each column.
    pub fn of_one(&self) -> String {
        self.with(|at, _| format!("${at}"), "")
    }

    /// Returns the SQL for many rows of `given`, with an array parameter for each column.
    pub fn of_lists(&self) -> String {
        let list = |at, kind| {
            let kind = match kind {
                Kind::Id => "uuid",
                Kind::Int => "bigint",
                Kind::Text => "text",
            };
            format!("${at}::{kind}[]")
        };
        self.with(list, "* FROM unnest")
    }

    fn with(&self, parameter: impl Fn(usize, Kind) -> String, from: &str) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let values = (1..).zip(self.columns).map(|(at, (_, kind))| parameter(at, *kind));
        let values = values.collect::<Vec<_>>().join(", ");
        let values = if from.is_empty() { values } else { format!("{from}({values})") };
        format!("WITH given ({}) AS (SELECT {values}) {}", names.join(", "), self.sql)
    }

    /// Turns the rows into lists, one for each column.
    pub(super) fn lists(&self, rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
        let mut lists = vec![Vec::with_capacity(rows.len()); self.columns.len()];
        for row in rows {
            for (list, value) in lists.iter_mut().zip(row) {
                list.push(value);
            }
        }
        lists
    }
}
