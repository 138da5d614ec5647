//! The playbooks, as they were at compile time: `skills/<name>/`. Each file of a folder has its line here.

use common::skill::{File, Folder};

/// All of them, in the order in which clients see them.
pub(crate) const ALL: &[Folder] = &[
    Folder {
        name: "lead-intake",
        files: &[
            File { path: "SKILL.md", text: include_str!("../skills/lead-intake/SKILL.md") },
            File {
                path: "references/when-it-stops.md",
                text: include_str!("../skills/lead-intake/references/when-it-stops.md"),
            },
        ],
    },
    Folder {
        name: "pipeline-review",
        files: &[File { path: "SKILL.md", text: include_str!("../skills/pipeline-review/SKILL.md") }],
    },
    Folder {
        name: "no-show-recovery",
        files: &[File { path: "SKILL.md", text: include_str!("../skills/no-show-recovery/SKILL.md") }],
    },
    Folder {
        name: "reactivation-campaign",
        files: &[File { path: "SKILL.md", text: include_str!("../skills/reactivation-campaign/SKILL.md") }],
    },
    Folder {
        name: "weekly-report",
        files: &[File { path: "SKILL.md", text: include_str!("../skills/weekly-report/SKILL.md") }],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use common::skill::Skills;

    use super::ALL;

    #[test]
    fn every_folder_is_a_skill() {
        Skills::new(ALL).check().unwrap();
    }

    #[test]
    fn every_file_of_the_folders_is_served() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("skills");
        let mut there = BTreeSet::new();
        collect(&root, &mut there);
        let served: BTreeSet<PathBuf> = ALL
            .iter()
            .flat_map(|folder| folder.files.iter().map(|file| root.join(folder.name).join(file.path)))
            .collect();
        assert_eq!(served, there);
    }

    fn collect(folder: &Path, files: &mut BTreeSet<PathBuf>) {
        for entry in folder.read_dir().unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                collect(&entry.path(), files);
            } else {
                files.insert(entry.path());
            }
        }
    }
}
