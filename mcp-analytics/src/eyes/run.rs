//! One segmentation, step by step. What was asked before of the same version is answered from what is kept.

use std::collections::HashMap;

use analytics_methods::fault::Fault;
use analytics_methods::matrix::Matrix;
use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use common::tool::Call;
use sha2::{Digest, Sha256};

use crate::consent::{Consent, ConsentCounts, MissingConsent};
use crate::deps::Deps;
use crate::features::{Activity, Feature};
use crate::money;
use crate::profile::Profile;
use crate::record::RecordKind;
use crate::segment_report::{GateRow, Question, SegmentReport, SegmentRow, TryRow};
use crate::segmentation::{Found, Scale, Traits, Try, scaled, search, traits};
use crate::store::datasets::{self, VersionOf};
use crate::store::features::{self, Window};
use crate::store::results::{self, Kept, Member, NewResult};

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) features: Vec<Feature>,
    pub(crate) scale: Scale,
    pub(crate) missing_consent: MissingConsent,
    pub(crate) currency: Option<String>,
    pub(crate) since_ms: Option<UnixMillis>,
    pub(crate) as_of_ms: Option<UnixMillis>,
    pub(crate) seed: u64,
}

/// An answer, and whether it was there already.
#[derive(Debug)]
pub(crate) struct Segmented {
    pub(crate) kept: Kept<SegmentReport>,
    pub(crate) is_cached: bool,
}

/// Steps that progress is told of: two before the search, some in it, one after.
const STEPS: u32 = 24;

/// Segments people of one version.
pub(crate) struct Eyes<'a> {
    pub(crate) deps: &'a Deps,
    pub(crate) call: &'a Call,
    pub(crate) version: VersionOf,
}

/// People who may be looked at, with what they did.
struct Looked {
    people: Vec<Activity>,
    consent: ConsentCounts,
    window: Window,
    without_orders: u64,
}

/// What the search gives back from its thread.
struct Searched {
    found: Found,
    traits: Vec<Traits>,
}

impl Eyes<'_> {
    /// Answers from what is kept, or finds segments and keeps them.
    ///
    /// # Errors
    /// `failed_precondition` if there is nobody to segment, money is in several currencies and none is chosen, or the people
    /// are too few or too much alike.
    pub(crate) async fn segment(&self, wish: Wish) -> Result<Segmented> {
        let question = self.question(wish);
        let digest = digest(&question)?;
        let (db, tenant) = (&self.deps.db, self.call.tenant());
        if let Some(kept) = results::answered(db, tenant, &digest).await? {
            return Ok(Segmented { kept, is_cached: true });
        }
        self.call.progress.report(0, Some(STEPS), "reading features");
        let looked = self.look(&question).await?;
        let searched = self.search(&question, &looked).await?;
        self.call.progress.report(STEPS - 1, Some(STEPS), "keeping the result");
        let members = members(&looked.people, &searched.found);
        let report = self.report(question, looked, searched);
        let new = NewResult {
            dataset_id: &self.version.dataset_id,
            version: self.version.version,
            kind: "segments",
            question: &digest,
            body: &report,
            members: &members,
        };
        let now_ms = self.deps.clock.now_ms();
        let result_id = results::keep(db, tenant, &new, now_ms).await?;
        let (dataset_id, version) = (self.version.dataset_id.clone(), self.version.version);
        let kept = Kept { result_id, dataset_id, version, made_ms: now_ms, body: report };
        Ok(Segmented { kept, is_cached: false })
    }

    fn question(&self, wish: Wish) -> Question {
        let Wish { features, scale, missing_consent, currency, since_ms, as_of_ms, seed } = wish;
        Question {
            dataset_id: self.version.dataset_id.clone(),
            version: self.version.version,
            features,
            scale,
            missing_consent,
            currency,
            since_ms,
            as_of_ms,
            seed,
            settings: format!("{:?}", self.deps.settings.segments),
            program: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Consent first, then what those did who may be looked at.
    async fn look(&self, question: &Question) -> Result<Looked> {
        let db = &self.deps.db;
        let loads = datasets::loads(db, &self.version).await?;
        let of_kind = loads.iter().filter(|load| load.kind == RecordKind::Transactions).map(|load| &load.profile);
        let profile = Profile::together(of_kind);
        let currency = currency(&profile, question.currency.as_deref())?;
        let last_ms = profile.fields.get("at").and_then(|field| field.max).unwrap_or(0);
        let as_of_ms = question.as_of_ms.unwrap_or(last_ms);
        let window = Window { since_ms: question.since_ms.unwrap_or(0), as_of_ms, currency };
        let said = features::consent_of_people(db, &self.version).await?;
        let mut consent = ConsentCounts::default();
        let active = features::activity(db, &self.version, &window).await?;
        let mut people = Vec::with_capacity(active.len());
        for person in active {
            let of_person = said.get(&person.customer_no).copied().unwrap_or(Consent::Unknown);
            consent.count(of_person);
            if question.missing_consent.admits(of_person) {
                people.push(person);
            }
        }
        let all = features::consents(db, &self.version).await?.people;
        let seen = consent.given + consent.refused + consent.unknown;
        let without_orders = u64::try_from(all).unwrap_or(0).saturating_sub(seen);
        if people.is_empty() {
            return Err(nobody(consent));
        }
        Ok(Looked { people, consent, window, without_orders })
    }

    async fn search(&self, question: &Question, looked: &Looked) -> Result<Searched> {
        let minor_per_unit = 10_f64.powi(i32::try_from(money::exponent(&looked.window.currency)).unwrap_or(2));
        let (chosen, as_of_ms) = (question.features.clone(), looked.window.as_of_ms);
        let values = looked
            .people
            .iter()
            .flat_map(|person| chosen.iter().map(move |feature| feature.value(person, as_of_ms, minor_per_unit)));
        let data = Matrix::of_rows(values.collect(), chosen.len()).map_err(|fault| refused(&fault))?;
        let (settings, scale, seed) = (self.deps.settings.segments.clone(), question.scale, question.seed);
        let progress = self.call.progress.clone();
        // Seconds of arithmetic: beside what answers requests.
        let work = move || -> std::result::Result<Searched, Fault> {
            let scaled = scaled(&data, scale)?;
            let done = std::cell::Cell::new(1_u32);
            let tell = |step: &str| {
                progress.report(done.get().min(STEPS - 2), Some(STEPS), format!("trying {step}"));
                done.set(done.get().saturating_add(1));
            };
            let found = search(&scaled, &settings.search, &settings.gates, seed, &tell)?;
            let traits = traits(&chosen, &data, &scaled, &found.partition);
            Ok(Searched { found, traits })
        };
        let searched = tokio::task::spawn_blocking(work).await;
        searched
            .map_err(|source| Error::internal("the search for segments broke off", source))?
            .map_err(|fault| refused(&fault))
    }

    fn report(&self, question: Question, looked: Looked, searched: Searched) -> SegmentReport {
        let Searched { found, traits } = searched;
        let mut spent: HashMap<usize, i64> = HashMap::new();
        for (person, label) in looked.people.iter().zip(found.partition.labels()) {
            if let Some(label) = label.and_then(|label| usize::try_from(label).ok()) {
                let sum = spent.entry(label).or_default();
                *sum = sum.saturating_add(person.spent_minor);
            }
        }
        let row = |(number, traits): (usize, Traits)| SegmentRow {
            name: traits.name,
            people: count(traits.people),
            spent_minor: spent.get(&number).copied().unwrap_or(0),
            medians: traits.medians,
            apart: traits.apart,
        };
        let best = found.tries.get(found.best);
        SegmentReport {
            dataset: self.version.name.clone(),
            as_of_ms: looked.window.as_of_ms,
            currency: looked.window.currency,
            people: count(looked.people.len()),
            consent: looked.consent,
            without_orders: looked.without_orders,
            gate_passed: found.verdict.is_passed,
            gates: found.verdict.gates.iter().map(GateRow::of).collect(),
            algorithm: best.map_or(crate::segmentation::Algorithm::KMeans { segments: 0 }, |best| best.algorithm),
            tries: found.tries.iter().map(TryRow::of).collect(),
            segments: traits.into_iter().enumerate().map(row).collect(),
            noise: count(found.partition.noise()),
            question,
        }
    }
}

impl GateRow {
    fn of(gate: &crate::segmentation::Gate) -> Self {
        let (name, wanted, found) = (gate.name.to_owned(), gate.wanted, gate.found);
        Self { name, wanted, found, is_passed: gate.is_passed }
    }
}

impl TryRow {
    fn of(tried: &Try) -> Self {
        Self {
            algorithm: tried.algorithm,
            segments: count(tried.segments),
            silhouette: tried.silhouette,
            standard_error: tried.standard_error,
            coverage: tried.coverage,
            smallest_share: tried.smallest_share,
            stability: tried.stability,
        }
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn members(people: &[Activity], found: &Found) -> Vec<Member> {
    let pairs = people.iter().zip(found.partition.labels());
    let member = |(person, label): (&Activity, &Option<u32>)| Member {
        customer_no: person.customer_no,
        segment: label.map_or(-1, i64::from),
        orders: person.orders,
        spent_minor: person.spent_minor,
        last_ms: person.last_ms,
    };
    pairs.map(member).collect()
}

/// In which money is counted.
fn currency(profile: &Profile, chosen: Option<&str>) -> Result<String> {
    let codes: Vec<&str> = profile.currencies.keys().map(String::as_str).collect();
    match (chosen, codes.as_slice()) {
        (_, []) => Err(Error::new(ErrorCode::FailedPrecondition, "the data set has no transactions")
            .with_hint("import_dataset with kind: transactions")),
        (None, [only]) => Ok((*only).to_owned()),
        (Some(chosen), codes) if codes.contains(&chosen) => Ok(chosen.to_owned()),
        (_, codes) => {
            let expected = format!("one of {}", codes.join(", "));
            Err(Error::invalid_argument("currency", "does not say in which currency money counts", expected, None))
        }
    }
}

fn nobody(consent: ConsentCounts) -> Error {
    let ConsentCounts { given, refused, unknown } = consent;
    let message = format!("nobody may be looked at: consent given {given}, refused {refused}, unknown {unknown}");
    Error::new(ErrorCode::FailedPrecondition, message)
        .with_hint("bring in consent with kind: customers; or, where the law lets you, missing_consent: include")
}

fn refused(fault: &Fault) -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("no segments can be found: {fault}"))
        .with_hint("more people, other features or a longer window")
}

fn digest(question: &Question) -> Result<String> {
    let text =
        serde_json::to_vec(question).map_err(|source| Error::internal("the question could not be encoded", source))?;
    Ok(hex::encode(Sha256::digest(text)))
}
