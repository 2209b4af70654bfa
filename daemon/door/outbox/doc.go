// Package outbox brings letters and mails to the recruiter out: queued, sending, data, accepted, filed; drafts into
// Drafts and back. Never twice: before the content goes out that is committed, and what was uncertain is looked for
// in Sent.
package outbox
