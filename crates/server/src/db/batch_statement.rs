//! One statement for many rows, which the statement reads from a table named `input`.

use super::value::Value;

/// The type of a column of `input`.
#[derive(Debug, Clone, Copy)]
pub enum ColumnType {
    /// [`Value::Id`].
    Id,
    /// [`Value::Int`].
    Int,
    /// [`Value::Text`].
    Text,
    /// [`Value::At`].
    At,
}

/// A statement that treats every row of `input` independently of the others: PostgreSQL runs it once for
/// all of them, SQLite once for each.
pub struct BatchStatement {
    /// The columns of `input`.
    pub columns: &'static [(&'static str, ColumnType)],
    /// The statement. It takes no parameters besides `input`.
    pub sql: &'static str,
}

impl BatchStatement {
    /// Returns the SQL for one row of `input`, with a parameter for each column.
    pub fn sql_for_one_row(&self) -> String {
        self.with(|index, _| format!("${index}"), "")
    }

    /// Returns the SQL for many rows of `input`, with an array parameter for each column.
    pub fn sql_for_arrays(&self) -> String {
        let array = |index, column_type| {
            let column_type = match column_type {
                ColumnType::Id => "uuid",
                ColumnType::Int => "bigint",
                ColumnType::Text => "text",
                ColumnType::At => "timestamptz",
            };
            format!("${index}::{column_type}[]")
        };
        self.with(array, "* FROM unnest")
    }

    fn with(&self, parameter: impl Fn(usize, ColumnType) -> String, from: &str) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let values =
            (1..).zip(self.columns).map(|(index, (_, column_type))| parameter(index, *column_type));
        let values = values.collect::<Vec<_>>().join(", ");
        let values = if from.is_empty() { values } else { format!("{from}({values})") };
        format!("WITH input ({}) AS (SELECT {values}) {}", names.join(", "), self.sql)
    }

    /// Turns the rows into arrays, one for each column.
    pub(super) fn transpose(&self, rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
        let mut arrays = vec![Vec::with_capacity(rows.len()); self.columns.len()];
        for row in rows {
            for (array, value) in arrays.iter_mut().zip(row) {
                array.push(value);
            }
        }
        arrays
    }
}
