//! The people whom an export names.

use crate::error::Result;
use parlour_protocol::{UserId, UserRole, UserRow};
use parlour_store::{Store, StoredPerson};
use std::collections::HashMap;
use std::rc::Rc;

/// People, each read once.
pub(crate) struct People<'a> {
    store: &'a Store,
    known: HashMap<UserId, Rc<StoredPerson>>,
}

impl<'a> People<'a> {
    pub fn new(store: &'a Store) -> Self {
        Self { store, known: HashMap::new() }
    }

    /// Returns a person; without names if they are not known.
    ///
    /// # Errors
    /// Fails if the mirror cannot be read.
    pub fn get(&mut self, id: UserId) -> Result<Rc<StoredPerson>> {
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let unknown = || {
            let row = UserRow::new(id, "", UserRole::Member, 0);
            StoredPerson { row, name: String::new() }
        };
        let person = Rc::new(self.store.mirror.stored_person(id)?.unwrap_or_else(unknown));
        self.known.insert(id, person.clone());
        Ok(person)
    }
}
