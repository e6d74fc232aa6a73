//! Conversion of values to and from PostgreSQL's format.

use crate::db::value::Value;
use bytes::{BufMut, BytesMut};
use parlour_protocol::Millis;
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// PostgreSQL counts times from 2000-01-01, in microseconds.
const EPOCH_2000_MS: i64 = 946_684_800_000;

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT8) => out.put_i64(*number),
            (Self::Int(number), &Type::INT4) => out.put_i32(i32::try_from(*number)?),
            (Self::At(at), &Type::INT8) => out.put_i64(at.0),
            (Self::At(at), &Type::TIMESTAMPTZ) => {
                out.put_i64(at.0.saturating_sub(EPOCH_2000_MS).saturating_mul(1000));
            }
            (Self::Bytes(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (Self::Id(id), &Type::UUID) => out.put_slice(id.as_bytes()),
            // Values from SQLite, when a database is copied to PostgreSQL.
            (Self::Text(text), &Type::UUID) => out.put_slice(Uuid::parse_str(text)?.as_bytes()),
            (Self::Text(text), &Type::TIMESTAMPTZ) => {
                let at = text.parse::<jiff::Timestamp>()?.as_millisecond();
                return Self::At(Millis(at)).to_sql(ty, out);
            }
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR) => out.put_slice(text.as_bytes()),
            _ => return Err(format!("{self:?} cannot be a {ty}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl FromSql<'_> for Value {
    fn from_sql(ty: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Self::Int(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => Self::Int(i32::from_be_bytes(raw.try_into()?).into()),
            Type::TIMESTAMPTZ => {
                let micros = i64::from_be_bytes(raw.try_into()?);
                Self::At(Millis(micros.div_euclid(1000).saturating_add(EPOCH_2000_MS)))
            }
            Type::BYTEA => Self::Bytes(raw.to_vec()),
            Type::UUID => Self::Id(Uuid::from_slice(raw)?),
            Type::TEXT | Type::VARCHAR | Type::NAME => Self::Text(String::from_utf8(raw.to_vec())?),
            _ => return Err(format!("no value is a {ty}").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
