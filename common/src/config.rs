//! Settings: defaults, then a file, then the environment, then flags. Each module owns its section; this one only loads.

use std::collections::BTreeSet;
use std::path::Path;

use config::{ConfigError, Environment, File, FileFormat};
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorCode, Result};

/// Variables that begin so are settings: `LUMINAR__SERVER__PORT=8931` is `port` in `[server]`.
const ENVIRONMENT_PREFIX: &str = "LUMINAR";
const ENVIRONMENT_SEPARATOR: &str = "__";

/// Settings that are lists of words, which the environment gives separated by commas.
const WORD_LISTS: [&str; 4] = ["tools.toolsets", "server.allowed_hosts", "server.allowed_origins", "http.egress_allow"];

/// All sections, each to be claimed once by its owner.
#[derive(Debug)]
pub struct Config {
    values: config::Config,
    claimed: BTreeSet<String>,
}

impl Config {
    /// Loads `defaults` (embedded TOML, in order), then `file` if given, then the environment.
    ///
    /// # Errors
    /// `failed_precondition` if a source is not valid TOML or the file cannot be read.
    pub fn load(defaults: &[&'static str], file: Option<&Path>) -> Result<Self> {
        Self::load_with(defaults, file, &[])
    }

    /// The same, and over it all the settings that flags give: `("ghl.spec_dir", "/path")`.
    ///
    /// # Errors
    /// As [`Config::load`], and if a key is none.
    pub fn load_with(defaults: &[&'static str], file: Option<&Path>, flags: &[(String, String)]) -> Result<Self> {
        let mut sources = config::Config::builder();
        for text in defaults {
            sources = sources.add_source(File::from_str(text, FileFormat::Toml));
        }
        if let Some(path) = file {
            sources = sources.add_source(File::from(path).format(FileFormat::Toml));
        }
        let environment = Environment::with_prefix(ENVIRONMENT_PREFIX)
            .prefix_separator(ENVIRONMENT_SEPARATOR)
            .separator(ENVIRONMENT_SEPARATOR)
            .list_separator(",")
            .try_parsing(true);
        let environment = WORD_LISTS.into_iter().fold(environment, Environment::with_list_parse_key);
        sources = sources.add_source(environment);
        for (key, value) in flags {
            sources = sources.set_override(key, value.as_str()).map_err(|source| unreadable(file, &source))?;
        }
        let values = sources.build().map_err(|source| unreadable(file, &source))?;
        Ok(Self { values, claimed: BTreeSet::new() })
    }

    /// Takes a section; an absent one is all defaults.
    ///
    /// # Errors
    /// `failed_precondition` naming the key that is unknown or has the wrong type.
    pub fn section<T: DeserializeOwned + Default>(&mut self, name: &str) -> Result<T> {
        self.claimed.insert(name.to_owned());
        let section = match self.values.get::<config::Value>(name) {
            Ok(section) => section,
            Err(ConfigError::NotFound(_)) => return Ok(T::default()),
            Err(source) => return Err(refused(name, "", &source.to_string())),
        };
        serde_path_to_error::deserialize(section)
            .map_err(|error| refused(name, &error.path().to_string(), &error.inner().to_string()))
    }

    /// Lets a section be there that nobody claims: that of a server which this command does not run.
    pub fn leave(&mut self, name: &str) {
        self.claimed.insert(name.to_owned());
    }

    /// Refuses sections that nobody has claimed.
    ///
    /// # Errors
    /// `failed_precondition` naming them.
    pub fn finish(self) -> Result<()> {
        let sections: std::collections::HashMap<String, config::Value> =
            self.values.try_deserialize().map_err(|source| {
                Error::new(ErrorCode::FailedPrecondition, "the settings are not sections").with_source(source)
            })?;
        let unknown: BTreeSet<String> = sections.into_keys().filter(|name| !self.claimed.contains(name)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let list =
            |names: &BTreeSet<String>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let message = format!("unknown settings: {}", list(&unknown));
        Err(Error::new(ErrorCode::FailedPrecondition, message)
            .with_hint(format!("known sections: {}", list(&self.claimed))))
    }
}

/// Says which key, and what was expected; never the value, which may be secret.
fn refused(section: &str, path: &str, problem: &str) -> Error {
    let key = if path.is_empty() || path == "." { format!("[{section}]") } else { format!("{section}.{path}") };
    let problem = match problem.split_once(", expected ") {
        Some((found, expected)) if found.starts_with("invalid ") || found.starts_with("unknown variant ") => {
            format!("expected {}", expected.split(" for key ").next().unwrap_or(expected))
        }
        // The words of `config` 0.15, with the value at their end.
        _ if problem.contains(" does not have variant constructor ") => "expected another word".to_owned(),
        _ => problem.to_owned(),
    };
    Error::new(ErrorCode::FailedPrecondition, format!("setting `{key}` is not accepted: {problem}"))
        .with_hint("`config --schema` prints every setting with its type, `config --defaults` with its default")
}

fn unreadable(file: Option<&Path>, source: &ConfigError) -> Error {
    let place =
        file.map_or_else(|| "the settings".to_owned(), |path| format!("the settings file `{}`", path.display()));
    // The parser shows the line in which the mistake is, with whatever is written there.
    let problem = source.to_string();
    let problem: Vec<&str> = problem.lines().map(str::trim).filter(|line| !line.contains('|')).collect();
    let problem = problem.join(": ");
    Error::new(ErrorCode::FailedPrecondition, format!("{place} cannot be read: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Door {
        port: u16,
        hosts: Vec<String>,
    }

    #[test]
    fn a_later_source_overrides_an_earlier_one() {
        let mut config = Config::load(&["[door]\nport = 1\nhosts = ['a']", "[door]\nport = 2"], None).unwrap();
        assert_eq!(config.section::<Door>("door").unwrap(), Door { port: 2, hosts: vec!["a".to_owned()] });
        config.finish().unwrap();
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let mut config = Config::load(&["[door]\nprot = 1"], None).unwrap();
        let error = config.section::<Door>("door").unwrap_err();
        assert!(error.message().contains("prot"), "{error}");
    }

    #[test]
    fn an_unknown_section_is_refused_by_name() {
        let mut config = Config::load(&["[dooor]\nport = 1"], None).unwrap();
        config.section::<Door>("door").unwrap();
        assert!(config.finish().unwrap_err().message().contains("`dooor`"));
    }

    #[test]
    fn a_malformed_file_is_refused_without_the_line_that_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        for text in ["[door]\ntoken = hunter|two", "[door]\ntoken = \"hunter|two\n", "token = 'hunter|two'\ntoken = 1"]
        {
            std::fs::write(&file, text).unwrap();
            let error = Config::load(&[], Some(&file)).unwrap_err();
            assert!(error.message().contains("at line "), "{error}");
            assert!(!error.message().contains("hunter"), "{error}");
        }
    }

    #[test]
    fn a_word_that_is_none_of_those_there_are_is_not_repeated() {
        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Way {
            #[default]
            In,
        }

        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(default)]
        struct Gate {
            way: Way,
        }

        let mut config = Config::load(&["[gate]\nway = 'hunter2'"], None).unwrap();
        let error = config.section::<Gate>("gate").unwrap_err();
        assert_eq!(error.message(), "setting `gate.way` is not accepted: expected another word");
    }

    #[test]
    fn a_wrong_type_names_its_key() {
        let mut config = Config::load(&["[door]\nport = 'many'"], None).unwrap();
        let error = config.section::<Door>("door").unwrap_err();
        assert_eq!(error.message(), "setting `door.port` is not accepted: expected an integer");
    }
}
