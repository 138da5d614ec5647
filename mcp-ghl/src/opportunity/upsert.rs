//! Which deal of a contact is meant where a pipeline is named, and what of it changes.

use super::{Opportunity, Status};
use crate::record_id::RecordId;

/// What is written to a deal; what is absent stays. The vendor takes no source: no body of its specification has one.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct OpportunityWrite {
    pub pipeline_id: Option<RecordId>,
    pub stage_id: Option<RecordId>,
    pub name: Option<String>,
    /// In the location's currency.
    pub value: Option<f64>,
    pub status: Option<Status>,
    /// Goes with the status `lost`.
    pub lost_reason_id: Option<RecordId>,
    pub owner_id: Option<RecordId>,
}

/// Which deal there is already.
#[derive(Debug, PartialEq)]
pub enum Existing {
    /// This one is meant.
    One(Box<Opportunity>),
    /// Several are open, and any could be meant.
    Several(Vec<Opportunity>),
    /// Only closed ones, which stay as they are.
    Closed(Vec<Opportunity>),
    /// The contact has none.
    None,
}

impl Existing {
    /// The open deal is meant. A closed one is, if the write would leave it as it is: then this is the repetition of the
    /// call that made it.
    #[must_use]
    pub fn among(deals: Vec<Opportunity>, write: &OpportunityWrite) -> Self {
        let (open, mut closed): (Vec<_>, Vec<_>) =
            deals.into_iter().partition(|deal| deal.status == Some(Status::Open));
        let mut open = open.into_iter();
        if let Some(first) = open.next() {
            let rest: Vec<Opportunity> = open.collect();
            return if rest.is_empty() {
                Self::One(Box::new(first))
            } else {
                Self::Several(std::iter::once(first).chain(rest).collect())
            };
        }
        let is_repeated = |deal: &Opportunity| {
            write.status.is_some() && deal.status == write.status && write.against(deal).fields().is_empty()
        };
        match closed.iter().position(is_repeated) {
            Some(position) => Self::One(Box::new(closed.swap_remove(position))),
            None if closed.is_empty() => Self::None,
            None => Self::Closed(closed),
        }
    }
}

impl OpportunityWrite {
    /// What of it differs from the deal there is; never the pipeline.
    #[must_use]
    pub fn against(&self, deal: &Opportunity) -> Self {
        /// Less than half a cent is no difference.
        const SAME_VALUE: f64 = 0.005;
        let is_other_value = |value: &f64| deal.value.is_none_or(|old| (old - value).abs() >= SAME_VALUE);
        Self {
            pipeline_id: None,
            stage_id: self.stage_id.clone().filter(|id| id.as_str() != deal.stage_id),
            name: self.name.clone().filter(|name| deal.name.as_ref() != Some(name)),
            value: self.value.filter(is_other_value),
            status: self.status.filter(|status| deal.status != Some(*status)),
            lost_reason_id: self
                .lost_reason_id
                .clone()
                .filter(|id| deal.lost_reason_id.as_deref() != Some(id.as_str())),
            owner_id: self.owner_id.clone().filter(|id| deal.owner_id.as_deref() != Some(id.as_str())),
        }
    }

    /// The arguments that it changes.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        let fields = [
            ("stage", self.stage_id.is_some()),
            ("name", self.name.is_some()),
            ("value", self.value.is_some()),
            ("status", self.status.is_some()),
            ("lost_reason", self.lost_reason_id.is_some()),
            ("owner", self.owner_id.is_some()),
        ];
        fields.into_iter().filter(|(_, is_there)| *is_there).map(|(field, _)| field).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal(id: &str, status: Status) -> Opportunity {
        Opportunity {
            id: id.parse().unwrap(),
            location_id: None,
            name: Some("Roof".to_owned()),
            value: Some(100.0),
            status: Some(status),
            pipeline_id: "p".to_owned(),
            stage_id: "s".to_owned(),
            owner_id: None,
            contact_id: Some("c".to_owned()),
            contact_name: None,
            source: None,
            stage_since: None,
            created_at: None,
            status_since: None,
            updated_at: None,
            lost_reason_id: None,
            custom_values: Vec::new(),
        }
    }

    #[test]
    fn the_open_deal_is_meant_and_closed_ones_stay() {
        let write = OpportunityWrite { value: Some(200.0), ..OpportunityWrite::default() };
        let found = Existing::among(vec![deal("won", Status::Won), deal("open", Status::Open)], &write);
        assert_eq!(found, Existing::One(Box::new(deal("open", Status::Open))));
        let closed = vec![deal("won", Status::Won)];
        assert_eq!(Existing::among(closed.clone(), &write), Existing::Closed(closed));
        assert_eq!(Existing::among(Vec::new(), &write), Existing::None);
        let open = vec![deal("a", Status::Open), deal("b", Status::Open)];
        assert_eq!(Existing::among(open.clone(), &write), Existing::Several(open));
    }

    #[test]
    fn a_closed_deal_is_recognised_in_the_repetition_of_the_call_that_made_it() {
        let closed = vec![deal("won", Status::Won)];
        let write = OpportunityWrite { value: Some(100.0), status: Some(Status::Won), ..OpportunityWrite::default() };
        assert_eq!(Existing::among(closed.clone(), &write), Existing::One(Box::new(deal("won", Status::Won))));
        let other = OpportunityWrite { value: Some(300.0), ..write };
        assert_eq!(Existing::among(closed.clone(), &other), Existing::Closed(closed));
    }

    #[test]
    fn only_what_differs_is_written() {
        let write = OpportunityWrite {
            name: Some("Roof".to_owned()),
            value: Some(100.001),
            status: Some(Status::Lost),
            ..OpportunityWrite::default()
        };
        assert_eq!(write.against(&deal("d", Status::Open)).fields(), ["status"]);
    }
}
