//! Sends an email campaign to its recipients, at once or at a time.

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Fault, Result};
use common::tool::{Access, Call, Plan, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::email::CampaignAnswer;
use crate::answer::{LocationAnswer, RecordRef, line};
use crate::client::{Departure, Site};
use crate::contact::Email;
use crate::deps::Deps;
use crate::email_campaign::{CampaignKind, EmailCampaign};
use crate::journal::Change;
use crate::local_time::{spoken, zone};
use crate::references::audience::{Recipients, Segment, recipients};
use crate::send_time::SendTime;
use crate::tools::toolset;

pub(crate) struct ScheduleEmailCampaign;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Draft, cancelled or paused campaign: name or id.
    campaign: String,
    /// Who has one; this, `contacts` or `segment`.
    #[serde(default)]
    #[schemars(length(max = 20))]
    tags: Vec<String>,
    /// Ids, emails, phones or names.
    #[serde(default)]
    #[schemars(length(max = 50))]
    contacts: Vec<String>,
    /// Ready-made audience.
    segment: Option<Segment>,
    /// Default the campaign's own, as with the next three.
    #[schemars(length(min = 1, max = 998))]
    subject: Option<String>,
    /// Sender's name.
    from_name: Option<String>,
    /// Sender's address.
    from_email: Option<String>,
    /// Shown after the subject.
    preview_text: Option<String>,
    /// Local time or RFC 3339 instant; at once if absent.
    send_at: Option<String>,
    /// Who sends it: user name, email or id.
    user: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    campaign: CampaignAnswer,
    /// Subject line.
    subject: String,
    /// To whom, in words.
    audience: Vec<String>,
    /// At most so many people.
    people_max: u64,
    /// Contacts left out: they refuse emails or have no address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<RecordRef>,
    /// When it goes out, RFC 3339; absent if at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<String>,
}

impl Tool for ScheduleEmailCampaign {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "schedule_email_campaign";
    const TITLE: &'static str = "Schedule email campaign";
    const DESCRIPTION: &'static str = "Send an email campaign to tags, contacts or a segment, now or at a time.";
    const ACCESS: Access = Access::Send;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let mailing = Mailing::prepare(deps, call, args).await?;
        Ok(Plan {
            summary: mailing.sentence(),
            targets: mailing.recipients.words.clone(),
            count: u32::try_from(mailing.recipients.people_max).unwrap_or(u32::MAX),
            is_reversible: false,
            cost: None,
        })
    }

    /// A campaign that waits or goes out, which could not before, was scheduled by the call.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, _since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let mailing = Mailing::prepare_unchecked(deps, call, args).await?;
        if mailing.campaign.can_be_scheduled() {
            return Ok(ReadBack::NotDone);
        }
        Ok(ReadBack::Done(mailing.output()))
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let mut mailing = Mailing::prepare(deps, call, &args).await?;
        let Mailing { site, campaign, departure, .. } = &mailing;
        let source_id = deps.client.schedule_email_campaign(site, &campaign.id, departure).await?;
        mailing.campaign.source_id = source_id;
        mailing.campaign.status = Some(if mailing.send_at.is_some() { "scheduled" } else { "processing" }.to_owned());
        let (site, campaign) = (&mailing.site, &mailing.campaign);
        let record = ("email campaign", campaign.id.to_string());
        let change = Change::lasting(Self::NAME, format!("scheduled the campaign {}", line(&campaign.name)), record);
        deps.journal.note(call, site, change).await;
        Ok(mailing.output())
    }
}

/// A campaign with everything that it takes to send it.
struct Mailing {
    site: Site,
    campaign: EmailCampaign,
    recipients: Recipients,
    departure: Departure,
    send_at: Option<SendTime>,
}

impl Mailing {
    /// Reads the arguments and looks whether the campaign may go out; sends nothing.
    async fn prepare(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let mailing = Self::prepare_unchecked(deps, call, args).await?;
        if mailing.campaign.can_be_scheduled() {
            return Ok(mailing);
        }
        let status = mailing.campaign.status.as_deref().map_or_else(|| "not a draft".to_owned(), line);
        Err(Error::new(ErrorCode::FailedPrecondition, format!("the campaign is {status}"))
            .with_hint("only drafts, cancelled and paused campaigns can be sent; pause or cancel it in GoHighLevel"))
    }

    async fn prepare_unchecked(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let Some(timezone) = site.location.timezone.clone() else {
            return Err(Error::new(ErrorCode::FailedPrecondition, "the location's time zone is not known")
                .with_hint("set it in GoHighLevel: Settings, Business Profile"));
        };
        let now_ms = deps.clock.now_ms();
        let read = |text| SendTime::parse(text, None, Some(timezone.as_str()), now_ms);
        let send_at = args.send_at.as_deref().map(read).transpose()?;
        let campaign = deps.directory.email_campaign(&site, CampaignKind::Email, &args.campaign).await?;
        let letter = letterhead(args, &campaign)?;
        let wanted = (args.contacts.as_slice(), args.tags.as_slice(), args.segment);
        let recipients = recipients(deps, &site, wanted).await?;
        let departure = Departure {
            send_at: send_at.as_ref().map(|time| time.on_the_wall(&timezone)).transpose()?,
            timezone,
            user_id: deps.directory.acting_user(&site, args.user.as_deref()).await?,
            subject: letter.subject,
            from_name: letter.from_name,
            from_email: letter.from_email,
            preview_text: args.preview_text.clone().or_else(|| campaign.preview_text.clone()),
            audience: recipients.audience(),
        };
        Ok(Self { site, campaign, recipients, departure, send_at })
    }

    /// `send the email campaign “May” (“Spring is here”, from Anna <a@example.com>) to the tag vip (34 contacts) at …`
    fn sentence(&self) -> String {
        let Departure { subject, from_name, from_email, timezone, .. } = &self.departure;
        let when = match (&self.send_at, zone(timezone)) {
            (None, _) => "at once".to_owned(),
            (Some(time), Some(zone)) => format!("on {}", spoken(time.instant(), &zone)),
            (Some(time), None) => format!("at {}", time.as_str()),
        };
        format!(
            "send the email campaign “{}” (“{}”, from {} <{}>) to {} {when}",
            line(&self.campaign.name),
            line(subject),
            line(from_name),
            line(from_email),
            self.recipients.sentence(),
        )
    }

    fn output(&self) -> Output {
        Output {
            location: LocationAnswer::of(&self.site),
            campaign: CampaignAnswer::of(&self.campaign),
            subject: line(&self.departure.subject),
            audience: self.recipients.words.clone(),
            people_max: self.recipients.people_max,
            left_out: self.recipients.left_out.clone(),
            scheduled_for: self.send_at.as_ref().map(|time| time.as_str().to_owned()),
        }
    }
}

/// What stands above the email.
struct Letterhead {
    subject: String,
    from_name: String,
    from_email: String,
}

/// From the arguments, else from the campaign; every fault at once.
fn letterhead(args: &Args, campaign: &EmailCampaign) -> Result<Letterhead> {
    let mut faults = Vec::new();
    let mut part = |field: &str, given: Option<&String>, own: Option<&String>, example: &str| {
        let text = given.or(own).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        text.unwrap_or_else(|| {
            let expected = "a text: the campaign has none of its own";
            faults.push(Fault::of_argument(field, "is missing", expected, Some(example)));
            String::new()
        })
    };
    let letter = Letterhead {
        subject: part("subject", args.subject.as_ref(), campaign.subject.as_ref(), "\"Spring is here\""),
        from_name: part("from_name", args.from_name.as_ref(), campaign.from_name.as_ref(), "\"Anna Weber\""),
        from_email: part("from_email", args.from_email.as_ref(), campaign.from_email.as_ref(), "\"anna@example.com\""),
    };
    if !letter.from_email.is_empty() && letter.from_email.parse::<Email>().is_err() {
        faults.push(Fault::of_argument(
            "from_email",
            "is no email address",
            "an address",
            Some("\"anna@example.com\""),
        ));
    }
    if faults.is_empty() { Ok(letter) } else { Err(Error::invalid_arguments(faults)) }
}
