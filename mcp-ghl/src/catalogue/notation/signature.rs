//! What a call takes, for those who do not see the family's file.

use std::collections::BTreeSet;

use super::writer::{Names, Written, fields};
use crate::catalogue::naming::{definitions, uses};
use crate::catalogue::operation::{Operation, Parameter, Place};
use crate::catalogue::shape::{Field, Named, Shape};

impl Operation {
    /// What a call takes, in the catalogue's notation: `path {contactId} query {limit?: number} body {tags: string[]}`.
    /// A field without a type is text; `?` marks what may be left out; what has a name is told after `where`. Of a long
    /// choice only the beginning is there. Empty if it takes nothing.
    pub fn signature(&self) -> String {
        let roots: Vec<&Shape> = self.request_shapes().collect();
        let long = definitions(roots.iter().copied()).into_iter().filter(|it| Written::stored(it.shape()).is_long());
        let long: BTreeSet<&str> = long.map(Named::name).collect();
        let uses = uses(&roots).into_iter();
        let kept = uses.filter(|(name, it)| it.is_recursive || (it.times > 1 && long.contains(name.as_str())));
        let names = Names::Some(kept.map(|(name, _)| name).collect());
        let mut parts = Vec::new();
        for place in [Place::Path, Place::Query, Place::Header] {
            let parameters: Vec<Field> = self.parameters_in(place).map(Parameter::as_field).collect();
            if !parameters.is_empty() {
                parts.push(format!("{} {}", place.as_str(), fields(parameters, &names)));
            }
        }
        if let Some(body) = &self.body {
            let optional = if body.is_required { "" } else { "?" };
            parts.push(format!("body{optional} {}", Written { shape: &body.shape, names: &names }));
        }
        let mut word = "where";
        for named in definitions(roots).into_iter().filter(|named| names.keep(named.name())) {
            parts.push(format!("{word} {} = {}", named.name(), Written { shape: named.shape(), names: &names }));
            word = "and";
        }
        parts.join(" ")
    }
}
