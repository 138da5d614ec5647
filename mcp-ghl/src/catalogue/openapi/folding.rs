//! Names only where they save something: in several places, or inside themselves.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::Family;
use crate::catalogue::naming::{Use, uses};
use crate::catalogue::operation::Operation;
use crate::catalogue::shape::{Field, List, Named, Object, Rest, Shape};

/// The same family, in which every name that stands for its meaning once only is replaced by it.
pub(in crate::catalogue) fn fold(family: &mut Family) {
    let uses = uses(&family.operations.iter().flat_map(Operation::shapes).collect::<Vec<_>>());
    let mut folding = Folding { uses, kept: BTreeMap::new() };
    for operation in &mut family.operations {
        for shape in operation.shapes_mut() {
            *shape = folding.folded(shape);
        }
    }
}

#[derive(Debug)]
struct Folding {
    uses: BTreeMap<String, Use>,
    kept: BTreeMap<String, Arc<Named>>,
}

impl Folding {
    fn folded(&mut self, shape: &Shape) -> Shape {
        match shape {
            Shape::Named(named) => self.named(named),
            Shape::List(list) => {
                let List { item, items_min, items_max } = &**list;
                let item = self.folded(item);
                Shape::List(Box::new(List { item, items_min: *items_min, items_max: *items_max }))
            }
            Shape::Object(Object { fields, rest }) => {
                let rest = match rest {
                    Rest::Of(shape) => Rest::Of(Box::new(self.folded(shape))),
                    Rest::None | Rest::Any => rest.clone(),
                };
                let fields = fields.iter().map(|Field { name, is_required, shape }| {
                    let (name, shape) = (name.clone(), self.folded(shape));
                    Field { name, is_required: *is_required, shape }
                });
                Shape::Object(Object { fields: fields.collect(), rest })
            }
            Shape::Union(members) => Shape::union(members.iter().map(|member| self.folded(member)).collect()),
            Shape::Any
            | Shape::Null
            | Shape::Flag
            | Shape::Text(_)
            | Shape::Number(_)
            | Shape::Integer(_)
            | Shape::OneOf(_) => shape.clone(),
        }
    }

    /// A name that no other shape of the family has.
    fn free_name(&self, name: &str) -> String {
        let name = short_name(name);
        let is_free = |name: &str| self.kept.values().all(|kept| kept.name() != name);
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        std::iter::once(name.clone()).chain(numbered).find(|name| is_free(name)).unwrap_or_default()
    }

    fn named(&mut self, named: &Named) -> Shape {
        if let Some(kept) = self.kept.get(named.name()) {
            return Shape::Named(Arc::clone(kept));
        }
        let Use { times, is_recursive } = self.uses.get(named.name()).copied().unwrap_or_default();
        if !is_recursive && (times < 2 || is_short(named.shape())) {
            return self.folded(named.shape());
        }
        let kept = Arc::new(Named::new(Cow::Owned(self.free_name(named.name()))));
        self.kept.insert(named.name().to_owned(), Arc::clone(&kept));
        let meaning = self.folded(named.shape());
        kept.tell(meaning);
        Shape::Named(kept)
    }
}

/// The vendor's name, with a capital, without its family and without what says only that it is a shape.
fn short_name(name: &str) -> String {
    let name = name.split_once("__").map_or(name, |(_, name)| name);
    let mut name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    for ending in ["Dto", "DTO", "Schema"] {
        if let Some(shorter) = name.strip_suffix(ending).filter(|shorter| !shorter.is_empty()) {
            name = shorter.to_owned();
        }
    }
    let mut letters = name.chars();
    let first = letters.next().unwrap_or('T').to_ascii_uppercase();
    format!("{first}{}", letters.as_str())
}

/// Whether the meaning is no longer than a name.
fn is_short(shape: &Shape) -> bool {
    match shape {
        Shape::Object(object) => object.fields.len() < 2 && object.rest == Rest::None,
        Shape::OneOf(values) => values.len() < 3,
        Shape::Any | Shape::Null | Shape::Flag | Shape::Text(_) | Shape::Number(_) | Shape::Integer(_) => true,
        Shape::List(_) | Shape::Union(_) | Shape::Named(_) => false,
    }
}
