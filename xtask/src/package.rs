use crate::run::Result;
pub fn run() -> Result {
    Ok(())
}
