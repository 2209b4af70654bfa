// Package letter composes complete outgoing mails. What comes from outside, a contact's name or a
// subject, can break neither header nor HTML.
//
// It also holds the texts themselves: the built-in letters (builtin/*.md, English and German) and the sequences that say which letter
// or call comes when (builtin/*.sequence.toml), over which an agency or a desk lays its own. Who gets one, and what holds it back, is
// not decided here (work/letters).
package letter
