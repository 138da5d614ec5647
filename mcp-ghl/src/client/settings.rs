//! What a location says of itself, and who carries its messages.

use common::error::{Error, ErrorCode, Result};
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::location::{Channels, OneInFull, ReadChannel, ReadInFull};
use super::{Client, Site, locations};
use crate::location::{Carried, Carrier, LocationDetails};

// The kind stands in the path, where ids do; neither of the two is one.
pub(super) static SMS: Operation =
    Operation::read(Method::GET, "/locations/{}/conversationChannels/SMS", "locations.readonly").only_v3();
pub(super) static EMAIL: Operation =
    Operation::read(Method::GET, "/locations/{}/conversationChannels/Email", "locations.readonly").only_v3();

impl Client {
    /// A location in full.
    pub(crate) async fn location_details(&self, site: &Site) -> Result<LocationDetails> {
        let ids = [&site.location.id];
        let one: OneInFull = self.send(&site.session, &locations::GET, &Request::of(&ids)).await?;
        let missing = || Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the location");
        one.location.and_then(ReadInFull::into_details).ok_or_else(missing)
    }

    /// Who carries a location's messages of one kind.
    pub(crate) async fn carriers(&self, site: &Site, carries: Carried) -> Result<Vec<Carrier>> {
        let operation = match carries {
            Carried::Sms => &SMS,
            Carried::Email => &EMAIL,
        };
        let ids = [&site.location.id];
        let read: Channels = self.send(&site.session, operation, &Request::of(&ids)).await?;
        let channels = read.conversation_channel.into_values().flatten();
        Ok(channels.filter_map(|channel: ReadChannel| channel.into_carrier(carries)).collect())
    }
}
