//! What a person has refused, channel by channel, and what a change of it comes to.

use std::collections::BTreeMap;

use crate::contact::{Channel, Consent};

/// How a channel stands with a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Refused,
    Open,
    /// Refused so that nobody but the person lifts it, such as by an answer of `STOP` to the carrier.
    RefusedForGood,
}

impl Standing {
    /// What the vendor calls it.
    #[must_use]
    pub const fn vendor_word(self) -> &'static str {
        match self {
            Self::Refused => "active",
            Self::Open => "inactive",
            Self::RefusedForGood => "permanent",
        }
    }
}

/// What is kept of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub standing: Standing,
    /// Why, as somebody wrote it.
    pub reason: Option<String>,
    /// The vendor's own word for why.
    pub code: Option<String>,
}

/// Everything that is kept of a person's refusals. A channel that is missing is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Nothing may be sent on any channel.
    pub is_do_not_disturb: bool,
    pub channels: BTreeMap<Channel, Setting>,
}

/// What is to be: these channels refused or open; with none named, everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub channels: Vec<Channel>,
    pub is_refused: bool,
    pub reason: Option<String>,
}

/// What a wish comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub after: Refusals,
    /// Channels that were asked to be open and stay refused: only the person can lift that.
    pub kept: Vec<Channel>,
}

impl Refusals {
    /// What may be sent, in short.
    #[must_use]
    pub fn consent(&self) -> Consent {
        let is_blocking = |setting: &Setting| setting.standing != Standing::Open;
        let blocked = self.channels.iter().filter(|(_, setting)| is_blocking(setting)).map(|(channel, _)| *channel);
        Consent { is_do_not_disturb: self.is_do_not_disturb, blocked: blocked.collect() }
    }

    /// Lifting one channel leaves the refusal of everything as it is; lifting everything lifts each channel too.
    #[must_use]
    pub fn with(&self, wish: &Wish) -> Change {
        let is_all = wish.channels.is_empty();
        let mut after = self.clone();
        let mut kept = Vec::new();
        if is_all {
            after.is_do_not_disturb = wish.is_refused;
        }
        let named: Vec<Channel> = match (is_all, wish.is_refused) {
            (false, _) => wish.channels.clone(),
            (true, true) => Channel::ALL.to_vec(),
            (true, false) => self.channels.keys().copied().collect(),
        };
        for channel in named {
            let standing = after.channels.get(&channel).map_or(Standing::Open, |setting| setting.standing);
            let wanted = match (standing, wish.is_refused) {
                (Standing::Open, true) => Standing::Refused,
                (Standing::Refused, false) => Standing::Open,
                (Standing::RefusedForGood, false) => {
                    kept.push(channel);
                    continue;
                }
                (Standing::Open, false) | (Standing::Refused | Standing::RefusedForGood, true) => continue,
            };
            after.channels.insert(channel, Setting { standing: wanted, reason: wish.reason.clone(), code: None });
        }
        kept.sort_unstable();
        kept.dedup();
        Change { after, kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(standing: Standing) -> Setting {
        Setting { standing, reason: None, code: None }
    }

    fn wish(channels: &[Channel], is_refused: bool) -> Wish {
        Wish { channels: channels.to_vec(), is_refused, reason: Some("asked on the phone".to_owned()) }
    }

    #[test]
    fn one_channel_is_refused_and_lifted_and_the_others_stay() {
        let sms = BTreeMap::from([(Channel::Sms, setting(Standing::Refused))]);
        let before = Refusals { is_do_not_disturb: false, channels: sms };
        let refused = before.with(&wish(&[Channel::Email], true)).after;
        assert_eq!(refused.consent().blocked, [Channel::Email, Channel::Sms]);
        assert_eq!(refused.channels[&Channel::Email].reason.as_deref(), Some("asked on the phone"));
        assert_eq!(refused.channels[&Channel::Sms].reason, None, "what was so already keeps its reason");
        let lifted = refused.with(&wish(&[Channel::Sms], false)).after;
        assert_eq!(lifted.consent().blocked, [Channel::Email]);
    }

    #[test]
    fn everything_is_refused_and_lifted_at_once() {
        let refused = Refusals::default().with(&wish(&[], true)).after;
        assert!(refused.is_do_not_disturb);
        assert_eq!(refused.consent().blocked, Channel::ALL);
        let one = refused.with(&wish(&[Channel::Sms], false)).after;
        assert!(one.is_do_not_disturb, "a channel does not lift the refusal of everything");
        let lifted = refused.with(&wish(&[], false));
        assert_eq!((lifted.after.consent(), lifted.kept), (Consent::default(), Vec::new()));
    }

    #[test]
    fn what_only_the_person_can_lift_is_kept() {
        let sms = BTreeMap::from([(Channel::Sms, setting(Standing::RefusedForGood))]);
        let before = Refusals { is_do_not_disturb: true, channels: sms };
        for channels in [vec![Channel::Sms, Channel::Sms], Vec::new()] {
            let change = before.with(&wish(&channels, false));
            assert_eq!((change.after.consent().blocked, change.kept), (vec![Channel::Sms], vec![Channel::Sms]));
        }
    }

    #[test]
    fn what_is_so_already_changes_nothing() {
        let before = Refusals::default().with(&wish(&[Channel::Sms], true)).after;
        assert_eq!(before.with(&wish(&[Channel::Sms], true)).after, before);
        assert_eq!(Refusals::default().with(&wish(&[Channel::Sms], false)).after, Refusals::default());
    }
}
