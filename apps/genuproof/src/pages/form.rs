//! Fields of forms: label above, hint below, error in place of the hint, focus on the first that is wrong.

use maud::{Markup, html};

/// What was typed into a field, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// What was typed.
    pub value: String,
    /// What to change; none is fine.
    pub error: Option<String>,
}

impl Field {
    /// A field with a value and no error.
    pub fn of(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            error: None,
        }
    }

    /// The same field, refused; `error` says what to change.
    #[must_use]
    pub fn refused(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }
}

/// How a field is shown.
#[derive(Debug, Default)]
pub(super) struct Input<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub hint: &'a str,
    pub required: bool,
    /// Characters; the server counts again.
    pub most: usize,
    pub control: Control<'a>,
    pub autocomplete: Option<&'a str>,
    pub placeholder: Option<&'a str>,
}

#[derive(Debug, Default)]
pub(super) enum Control<'a> {
    #[default]
    Text,
    Secret,
    Lines,
    /// Value and label of each choice.
    Choice(&'a [(&'a str, &'a str)]),
}

/// The name of the first field that is wrong, which gets the focus.
pub(super) fn first_wrong<'a>(fields: &[(&'a str, &Field)]) -> Option<&'a str> {
    fields
        .iter()
        .find(|(_, field)| field.error.is_some())
        .map(|(name, _)| *name)
}

impl Input<'_> {
    pub fn render(&self, field: &Field, focus: Option<&str>) -> Markup {
        let note_id = format!("{}-note", self.name);
        let has_note = field.error.is_some() || !self.hint.is_empty();
        html! {
            div class="field" {
                label for=(self.name) {
                    (self.label)
                    @if !self.required { " " span class="optional" { "optional" } }
                }
                (self.control(field, focus == Some(self.name), has_note.then_some(note_id.as_str())))
                @if let Some(error) = &field.error {
                    p class="wrong" id=(note_id) { (error) }
                } @else if has_note {
                    p class="hint" id=(note_id) { (self.hint) }
                }
            }
        }
    }

    fn control(&self, field: &Field, focus: bool, note_id: Option<&str>) -> Markup {
        let invalid = field.error.is_some().then_some("true");
        let most = (self.most > 0).then_some(self.most);
        html! {
            @match &self.control {
                Control::Text | Control::Secret => {
                    @let kind = if matches!(self.control, Control::Secret) { "password" } else { "text" };
                    input type=(kind) id=(self.name) name=(self.name) value=(field.value) required[self.required] maxlength=[most]
                        autocomplete=[self.autocomplete] placeholder=[self.placeholder] aria-invalid=[invalid]
                        aria-describedby=[note_id] autofocus[focus];
                }
                Control::Lines => {
                    textarea id=(self.name) name=(self.name) rows="3" required[self.required] maxlength=[most]
                        aria-invalid=[invalid] aria-describedby=[note_id] autofocus[focus] { (field.value) }
                }
                Control::Choice(choices) => {
                    select id=(self.name) name=(self.name) required[self.required] aria-invalid=[invalid]
                        aria-describedby=[note_id] autofocus[focus] {
                        option value="" selected[field.value.is_empty()] { "Choose…" }
                        @for (value, label) in *choices {
                            option value=(value) selected[*value == field.value] { (label) }
                        }
                    }
                }
            }
        }
    }
}
