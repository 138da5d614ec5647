//! The emails of each of the demo's businesses, as data. Invented; any likeness is chance.

/// What one business writes to many.
#[derive(Debug)]
pub(crate) struct Correspondence {
    /// The business's.
    pub(crate) slug: &'static str,
    pub(crate) templates: &'static [Template],
    /// Oldest first.
    pub(crate) campaigns: &'static [Campaign],
    /// Workflows that write emails, each with its steps and their subjects.
    pub(crate) workflows: &'static [(&'static str, &'static [(&'static str, &'static str)])],
    /// Bulk actions and their subjects.
    pub(crate) bulk: &'static [(&'static str, &'static str)],
    /// How many emails each of the workflows has sent.
    pub(crate) reached: u64,
}

#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) name: &'static str,
    /// `html`, `text`, or `builder` for one made by dragging.
    pub(crate) editor: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) preview: &'static str,
}

#[derive(Debug)]
pub(crate) struct Campaign {
    pub(crate) name: &'static str,
    pub(crate) status: &'static str,
    pub(crate) subject: &'static str,
    /// When it goes out; before today it went out. Absent for a draft.
    pub(crate) days_ahead: Option<i64>,
    pub(crate) audience: u64,
}

const fn template(name: &'static str, editor: &'static str, subject: &'static str, preview: &'static str) -> Template {
    Template { name, editor, subject, preview }
}

const fn sent(name: &'static str, subject: &'static str, days_ahead: i64, audience: u64) -> Campaign {
    Campaign { name, status: "sent", subject, days_ahead: Some(days_ahead), audience }
}

const fn waiting(name: &'static str, subject: &'static str, days_ahead: i64, audience: u64) -> Campaign {
    Campaign { name, status: "scheduled", subject, days_ahead: Some(days_ahead), audience }
}

const fn draft(name: &'static str, subject: &'static str) -> Campaign {
    Campaign { name, status: "draft", subject, days_ahead: None, audience: 0 }
}

pub(crate) const CORRESPONDENCE: [Correspondence; 3] = [DENTAL, GYM, COURSES];

const DENTAL: Correspondence = Correspondence {
    slug: "dental",
    templates: &[
        template("New patient welcome", "builder", "Welcome to Brightside", "What to bring to your first visit"),
        template("Recall reminder", "html", "Time for your check-up", "It has been six months"),
        template("Whitening offer", "html", "A brighter smile for spring", "Twenty percent until the end of March"),
        template("Plain note", "text", "A short note from Brightside", "From the front desk"),
    ],
    campaigns: &[
        sent("September newsletter", "Back to school, back to the dentist", -61, 96),
        sent("October newsletter", "Insurance benefits end with the year", -33, 104),
        draft("Whitening spring offer", "A brighter smile for spring"),
        waiting("Holiday hours", "When we are open over the holidays", 9, 112),
    ],
    workflows: &[
        (
            "Recall: six months",
            &[("First reminder", "Time for your check-up"), ("Second reminder", "We kept a slot for you")],
        ),
        ("New lead: first reply", &[("Welcome", "Thank you for asking Brightside")]),
    ],
    bulk: &[("Patients of Dr. Raman", "Dr. Raman is away in November")],
    reached: 180,
};

const GYM: Correspondence = Correspondence {
    slug: "gym",
    templates: &[
        template("Free class confirmation", "html", "Your free class", "Bring water and a towel"),
        template("Membership offer", "builder", "Join before Sunday", "No joining fee"),
    ],
    campaigns: &[
        sent("New timetable", "More yoga from October", -40, 71),
        draft("New year challenge", "Twelve weeks, one goal"),
    ],
    workflows: &[("Free class follow-up", &[("Thanks for coming", "How was it?"), ("Offer", "Join before Sunday")])],
    bulk: &[],
    reached: 90,
};

const COURSES: Correspondence = Correspondence {
    slug: "courses",
    templates: &[
        template("Webinar invitation", "html", "Live on Thursday: funnels that fit on a page", "Save your seat"),
        template("Cart reminder", "text", "Still thinking about it?", "Your cart is waiting"),
        template("Cohort welcome", "builder", "You are in", "How the first week works"),
    ],
    campaigns: &[
        sent("Black Friday warm-up", "Something is coming", -12, 133),
        waiting("Black Friday", "The core course, this weekend only", 7, 141),
        draft("Spring cohort launch", "The doors open in March"),
    ],
    workflows: &[
        ("Webinar replay", &[("Replay", "Here is the recording"), ("Last call", "The replay closes tonight")]),
        ("Cart abandoned", &[("Reminder", "Still thinking about it?")]),
    ],
    bulk: &[("Podcast listeners", "The episode you asked for")],
    reached: 240,
};
