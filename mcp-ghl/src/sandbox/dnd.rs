//! "Do not disturb", per channel. v2 and v3 spell the channels differently.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sandbox::body::Body;
use crate::sandbox::version::Generation;

/// A way to reach a person, in the order the vendor lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channel {
    Call,
    Email,
    Sms,
    WhatsApp,
    Gmb,
    Fb,
}

impl Channel {
    const ALL: [Self; 6] = [Self::Call, Self::Email, Self::Sms, Self::WhatsApp, Self::Gmb, Self::Fb];

    fn wire(self, generation: Generation) -> &'static str {
        match (generation, self) {
            (Generation::V2, Self::Call) => "Call",
            (Generation::V2, Self::Email) => "Email",
            (Generation::V2, Self::Sms) => "SMS",
            (Generation::V2, Self::WhatsApp) => "WhatsApp",
            (Generation::V2, Self::Gmb) => "GMB",
            (Generation::V2, Self::Fb) => "FB",
            (Generation::V3, Self::Call) => "call",
            (Generation::V3, Self::Email) => "email",
            (Generation::V3, Self::Sms) => "sms",
            (Generation::V3, Self::WhatsApp) => "whatsApp",
            (Generation::V3, Self::Gmb) => "gmb",
            (Generation::V3, Self::Fb) => "fb",
        }
    }
}

/// `active` means: do not disturb. `permanent` cannot be lifted by the location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DndSetting {
    pub(crate) status: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) code: Option<String>,
}

pub(crate) type DndSettings = BTreeMap<Channel, DndSetting>;

/// Reads `dndSettings`; absent when the body has none.
pub(crate) fn read(body: &mut Body, generation: Generation) -> Option<DndSettings> {
    body.object("dndSettings", |settings| {
        let mut read = DndSettings::new();
        for channel in Channel::ALL {
            let setting = settings.object(channel.wire(generation), |setting| DndSetting {
                status: setting.choice("status", &["active", "inactive", "permanent"]).unwrap_or_else(|| {
                    setting.fault("status", "should not be empty");
                    String::new()
                }),
                message: setting.text("message"),
                code: setting.text("code"),
            });
            if let Some(setting) = setting {
                read.insert(channel, setting);
            }
        }
        read
    })
}

/// The settings under the generation's names.
pub(crate) fn wire(settings: &DndSettings, generation: Generation) -> BTreeMap<&'static str, DndSetting> {
    settings.iter().map(|(channel, setting)| (channel.wire(generation), setting.clone())).collect()
}
