//! Names to draw from.

pub(crate) const FIRST_NAMES: &[&str] = &[
    "Olivia", "Liam", "Noah", "Emma", "Aisha", "Mateo", "Chloe", "Ethan", "Mei", "Lucas", "Hannah", "Omar", "Ingrid",
    "Daniel", "Fatima", "Caleb", "Naomi", "Victor", "Yuki", "Grace", "Rafael", "Zoe", "Isaac", "Leila", "Owen",
    "Camila", "Hugo", "Nadia", "Felix", "Ruth", "Andre", "Simone", "Theo", "Paula", "Kenji", "Clara", "Samuel", "Ines",
    "Joel", "Marta",
];

pub(crate) const LAST_NAMES: &[&str] = &[
    "Bennett",
    "Carver",
    "Delgado",
    "Ellison",
    "Farouk",
    "Grant",
    "Hughes",
    "Iverson",
    "Jensen",
    "Kowalski",
    "Laurent",
    "Mercer",
    "Novak",
    "Ortega",
    "Patel",
    "Quinn",
    "Reyes",
    "Sato",
    "Tanaka",
    "Ueda",
    "Vargas",
    "Weber",
    "Xu",
    "Young",
    "Zimmer",
    "Adeyemi",
    "Brandt",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fontaine",
    "Gallagher",
    "Haddad",
    "Ibrahim",
    "Janssen",
    "Keller",
    "Lombardi",
    "Murphy",
    "Nakamura",
    "O'Neill",
];

/// Domains that belong to nobody (RFC 2606).
pub(crate) const DOMAINS: &[&str] = &["example.com", "example.org", "example.net"];
