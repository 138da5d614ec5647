//! Words for the same thing. A group means each of its words; a row means that its first words also mean the others.

use super::words::words;

/// Every word of a group stands for every other. Several words in one entry stand together.
const GROUPS: &[&str] = &[
    "contact, person, people, lead, customer, client, prospect, patient, member, attendee, guest, student, buyer",
    "opportunity, deal",
    "campaign, newsletter, blast, broadcast, mailing",
    "sms, text, texting, text message",
    "message, chat",
    "conversation, thread, inbox, chat",
    "subscribe, subscription, resubscribe",
    "unsubscribe, unsubscription",
    "dnd, optout, unsubscribe, consent, subscription",
    "appointment, booking, meeting, visit, consultation, session, demo",
    "calendar, schedule, booking page",
    "slot, availability, opening, free time",
    "task, todo, followup, reminder",
    "note, comment, remark",
    "tag, label",
    "workflow, automation, sequence, nurture, drip",
    "invoice, bill",
    "estimate, quote, offer, quotation, bid",
    "coupon, promo, voucher, discount",
    "product, item, goods, merchandise",
    "price, cost, rate",
    "order, purchase",
    "transaction, payment, charge",
    "subscription, recurring, membership, plan",
    "location, subaccount, client account, branch",
    "company, agency",
    "business, company, organisation, organization, firm, employer",
    "user, colleague, staff, employee, teammate, team member, team, rep, salesperson, agent",
    "template, design, layout, snippet",
    "form, optin form, lead form",
    "survey, quiz, questionnaire, poll",
    "submission, response, answer, entry, result",
    "funnel, website, landing page, site",
    "page, landing page",
    "link, url, address",
    "media, file, image, picture, photo, video, document",
    "document, contract, agreement, proposal",
    "post, social post",
    "unread, unanswered",
    "review, rating, feedback, stars",
    "phone, telephone, call, mobile",
    "number, phone number",
    "recording, audio",
    "transcription, transcript",
    "field, property, attribute, column",
    "custom value, merge field, variable, placeholder",
    "object, entity, record type",
    "association, associate, relation, relationship",
    "blog, article",
    "author, writer",
    "category, topic",
    "statistic, stat, performance, performing, metric, analytic, report, reporting, result, number",
    "affiliate, partner, referrer, promoter, ambassador",
    "commission, earning",
    "payout, pay out, paid out",
    "course, lesson, class, training",
    "voice, phone, call",
    "agent, bot, assistant, ai, chatbot",
    "knowledge base, faq",
    "snapshot, blueprint",
    "store, shop, ecommerce",
    "shipping, delivery, ship",
    "carrier, courier",
    "inventory, stock, quantity",
    "menu, sidebar, navigation",
    "wallet, balance, credit, fund, money",
    "group, team",
    "resource, room, equipment",
    "stage, pipeline, board, funnel",
    "owner, assignee, assigned",
    "follower, watcher",
    "timezone, clock",
    "email, mail",
    "picture, photo, image",
    "brand, branding",
    "pixel, tracking",
    "audience, segment",
    "targeting, interest",
    "keyword, search term",
    "scheduled, planned, upcoming",
    "lost, won",
    "status, state",
    "duplicate, double",
    "delete, erase, trash, kill",
    "cancel, call off",
    "pause, suspend, stop, halt, freeze",
    "resume, restart, unpause, continue",
    "publish, launch, go live, live",
    "clone, copy, duplicate",
    "send, deliver, dispatch, forward",
    "record, log",
    "upload, attach, import",
    "connect, link, integrate, integration, hook up",
    "disconnect, unlink, detach",
    "enable, turn on, activate, switch on",
    "disable, turn off, deactivate, switch off",
    "finish, complete, done, tick off, close",
    "block, blocked, busy, time off, vacation, holiday",
    "refund, money back",
    "void, annul, invalidate",
    "verify, validate, check",
    "permission, right, access",
    "install, installed",
    "receive, inbound, incoming",
    "outbound, outgoing",
    "bulk, mass, many, several, multiple",
    "color, colour",
    "logo, icon",
    "hour, opening hour, working hour, office hour",
    "fulfillment, shipped, shipment, tracking number",
    "tax, vat",
    "gmb, google business, google my business, gbp",
    "reply, respond, answer",
    "service, treatment",
    "notification, reminder, alert, confirmation",
    "redirect, forward, forwarding",
    "instagram, ig, insta",
    "facebook, fb, meta",
    "linkedin, li",
    "twitter, x, tweet",
    "dm, direct message, messenger",
];

/// What people say for what the vendor calls otherwise: as good as the vendor's own word.
const SAME: &[(&str, &str)] = &[
    ("lead, customer, client, prospect, patient, person, people", "contact"),
    ("deal", "opportunity"),
    ("bill", "invoice"),
    ("quote, quotation", "estimate"),
    ("automation, automations", "workflow"),
    ("newsletter, blast, mailing, broadcast", "campaign"),
    ("todo", "task"),
    ("meeting, booking", "appointment"),
    ("teammate, colleague, staff, employee", "user"),
    ("contract, agreement", "document"),
    ("promo code, voucher", "coupon"),
    ("shop", "store"),
    ("subaccount, client account", "location"),
];

/// Rows: the words before the arrow are asked, those after it are what they mean here.
const MEANINGS: &[(&str, &str)] = &[
    ("overdue, unpaid, owe, outstanding", "invoice, task"),
    ("noshow, showed up", "appointment, update"),
    ("reschedule", "appointment, update, edit"),
    ("win, won, close, lose, lost", "opportunity, status"),
    ("forecast, revenue", "opportunity, value, transaction"),
    ("birthday", "contact, field"),
    ("gdpr, forget", "contact, delete"),
    ("merge, dedupe", "duplicate, contact, upsert"),
    ("enroll, enrol", "add, workflow, campaign"),
    ("unenroll, unenrol", "remove, delete, workflow, campaign"),
    ("invite, hire, onboard", "create, user, location"),
    ("fired, offboard", "delete, user"),
    ("gift", "coupon, credit"),
    ("open rate, click rate, bounce, opens, clicks", "statistic, campaign, stat"),
    ("whatsapp, dm, ping, reach out", "message, send"),
    ("spreadsheet, excel", "csv, import, export"),
    ("sign, signature, esign", "document, contract"),
    ("teach, train, learn", "knowledge, faq, train"),
    ("crawl, scrape", "knowledge, website, discover"),
    ("lookalike, retargeting, remarketing", "audience, custom"),
    ("budget", "campaign, adset, upsert"),
    ("advertise, ad, advert, ppc", "ad, campaign, publishing"),
    ("pet, vehicle, house, car", "object, record"),
    ("sell, buy", "product, order, number"),
    ("cart, checkout", "order, store"),
    ("typo, misspelled", "update"),
    ("series, welcome", "workflow, campaign"),
    ("chore", "task"),
    ("shoot, ping, drop a line", "message, send"),
    ("combine", "duplicate, upsert"),
    ("quit, resigned", "remove, delete"),
    ("came in, coming in", "search, new"),
    ("cleaning, checkup", "appointment, service"),
    ("instruction", "prompt, agent"),
    ("skill, ability", "action"),
    ("cheap, expensive", "price"),
    ("subscriber", "subscription"),
    ("signup", "submission, form"),
    ("sale", "transaction, order"),
    ("network, channel, profile", "account"),
    ("variant, option", "price"),
    ("parcel, package", "order, shipping, fulfillment"),
    ("login", "user, access"),
    ("salesperson, closer", "user, owner"),
    ("massage, haircut, treatment", "service"),
    ("projector, chair, machine", "resource"),
    ("reel, story, caption", "post"),
    ("tshirt, mug", "product"),
    ("weekly, monthly, daily", "recurring, schedule"),
    ("hide, show", "status"),
    ("salon, spa, clinic", "service"),
    ("gateway, stripe, paypal", "payment, provider, integration"),
    ("assign, reassign, delegate", "owner, assigned, update"),
    ("purchase, buyer", "order, transaction, buy"),
    ("earning, income, takings, turnover", "transaction, order"),
    ("spending, costs", "reporting, spend"),
    ("lookup", "search"),
    ("webform, optin", "form, submission"),
    ("nps, satisfaction", "survey, submission"),
    ("receptionist", "voice, agent"),
    ("autopilot, autoresponder", "conversation, agent"),
    ("helpdesk, portal", "menu, link"),
    ("font, palette, colour", "brand, board"),
    ("tone, wording, style", "voice, brand"),
    ("merge field, placeholder, variable, token", "custom value"),
    ("dropdown, checkbox, picklist", "custom field"),
    ("duplicate, twin", "duplicate"),
    ("prospecting", "contact, search"),
    ("retainer", "recurring, invoice, schedule"),
    ("deposit, installment", "payment, invoice"),
    ("receipt", "invoice, transaction"),
    ("chargeback, refund", "transaction, refund"),
    ("waiver, nda, proposal", "document, contract"),
    ("upsell, downsell", "product, funnel"),
    ("lookbook, brochure, flyer", "media, file"),
    ("hashtag", "tag, post"),
    ("feed, timeline, wall", "post"),
    ("followers, reach, engagement, impression", "statistic"),
    ("ctr, cpc, cpl, roas", "reporting"),
    ("headcount, personnel, workforce", "user"),
    ("zip, postcode, city, street", "address"),
    ("cell, cellphone, landline", "phone, number"),
    ("voicemail", "message, recording"),
    ("autoreply", "agent, workflow"),
    ("agenda, diary", "calendar, event"),
    ("slot, gap", "slot"),
    ("roster, shift, rota", "schedule, availability"),
    ("venue, place, branch", "location"),
    ("franchise", "location"),
    ("wholesale, markup, resell", "rebilling"),
    ("top up, topup", "wallet, credit"),
    ("warehouse", "inventory, store"),
    ("dispatch, postage", "fulfillment, shipping"),
    ("basket", "order"),
    ("teaser, trailer", "post, media"),
    ("when", "date, time"),
    ("write, jot, discussed, talked", "note"),
    ("take live, go live, goes live, push live", "publish"),
    ("unschedule", "cancel, scheduled"),
    ("throw away", "delete"),
    ("loop in, cc", "follower"),
    ("spend, spent", "reporting"),
];

/// Verbs whose meaning hangs on a small word further on, and what they mean with it.
const PARTED: &[(&str, &str, &str)] = &[
    ("turn", "on", "enable resume"),
    ("turn", "off", "disable pause"),
    ("switch", "on", "enable resume"),
    ("switch", "off", "disable pause"),
    ("call", "off", "cancel"),
    ("take", "off", "remove"),
    ("take", "out", "remove"),
    ("take", "back", "remove undo"),
    ("push", "back", "update"),
    ("take", "away", "remove"),
    ("take", "down", "remove"),
    ("give", "back", "refund"),
    ("keep", "eye", "follow"),
    ("put", "in", "add"),
    ("set", "up", "create"),
    ("hand", "over", "update owner"),
    ("show", "up", "appointment"),
];

/// Words that a text says with others in between.
pub(super) fn parted(text: &str) -> Vec<String> {
    let plain = text.to_lowercase();
    let spoken: Vec<&str> = plain.split(|letter: char| !letter.is_alphanumeric()).collect();
    let says = |verb: &str, small: &str| {
        let at = spoken.iter().position(|word| word.starts_with(verb));
        at.is_some_and(|at| spoken.iter().skip(at + 1).any(|word| *word == small))
    };
    PARTED.iter().filter(|(verb, small, _)| says(verb, small)).flat_map(|(_, _, meant)| words(meant)).collect()
}

/// Longest entry, in words.
pub(super) const PHRASE_WORDS_MAX: usize = 3;

/// A phrase in stems, and the phrases that mean the same.
pub(super) type Meanings = std::collections::HashMap<Vec<String>, Vec<Vec<String>>>;

/// Phrases in their stems.
fn phrases(text: &str) -> Vec<Vec<String>> {
    text.split(", ").map(words).filter(|phrase| !phrase.is_empty()).collect()
}

/// What is as good as the vendor's own word, in stems.
pub(super) fn same() -> Meanings {
    let rows = SAME.iter().flat_map(|(said, meant)| phrases(said).into_iter().map(|phrase| (phrase, phrases(meant))));
    rows.collect()
}

/// All of the rest, in stems.
pub(super) fn meanings() -> Meanings {
    let mut meanings = Meanings::new();
    for group in GROUPS {
        let all = phrases(group);
        for phrase in &all {
            let others = all.iter().filter(|other| *other != phrase).cloned();
            meanings.entry(phrase.clone()).or_default().extend(others);
        }
    }
    for (asked, meant) in MEANINGS {
        for phrase in phrases(asked) {
            meanings.entry(phrase).or_default().extend(phrases(meant));
        }
    }
    meanings
}
