//! What people call records: their names, ids and other names.

use super::KnownLocation;
use crate::association::Association;
use crate::business::Business;
use crate::calendar::Calendar;
use crate::contact::Contact;
use crate::custom_field::CustomField;
use crate::location_value::LocationValue;
use crate::names::Named;
use crate::object::{CustomObject, Property};
use crate::opportunity::{LostReason, Opportunity};
use crate::pipeline::{Pipeline, Stage};
use crate::tag::KnownTag;
use crate::task::Task;
use crate::user::User;

impl Named for KnownLocation {
    fn id(&self) -> &str {
        self.location.id.as_str()
    }
    fn name(&self) -> &str {
        self.location.name.as_deref().unwrap_or(self.location.id.as_str())
    }
}

impl Named for Pipeline {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Calendar {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Task {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.title
    }
}

impl Named for Stage {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for User {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn alias(&self) -> Option<&str> {
        self.email.as_deref()
    }
}

impl Named for KnownTag {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for CustomField {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn alias(&self) -> Option<&str> {
        Some(&self.key)
    }
}

impl Named for Contact {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        self.label()
    }
}

impl Named for Opportunity {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }
}

impl Named for LostReason {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Business {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for LocationValue {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn alias(&self) -> Option<&str> {
        Some(&self.key)
    }
}

impl Named for CustomObject {
    /// The key: objects have no other id in addresses.
    fn id(&self) -> &str {
        self.key.as_str()
    }
    fn name(&self) -> &str {
        &self.plural
    }
    fn alias(&self) -> Option<&str> {
        Some(&self.singular)
    }
}

impl Named for Property {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn alias(&self) -> Option<&str> {
        Some(&self.key)
    }
}

impl Named for Association {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn name(&self) -> &str {
        &self.label
    }
    fn alias(&self) -> Option<&str> {
        Some(&self.key)
    }
}
