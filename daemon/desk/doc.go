// Package desk holds what Fifthcall knows about recruiting: the types and every
// rule, as pure functions.
//
// A desk is one recruiter's book of business. It holds contacts, the touches
// logged for them, and the callbacks owed to them.
//
//   - Contact: a person the recruiter has written to or has named (contact.go).
//   - Touch: one recorded contact with one person; a conversation is a touch
//     that reached the person by voice or in a meeting, a reply is an inbound
//     human mail (touch.go).
//   - Callback: a call owed, with the day by which a rule wants it (Due) and
//     the slot in the calendar (Start). It is one event that slides: its
//     EventUID stays, its Sequence rises (callback.go).
//   - Rule: why a callback is due when it is (due.go), and where in the
//     calendar it lands (place.go).
//   - Intake: what a message in the mailbox causes (intake.go).
//   - Command: what the recruiter told us, in words (command.go and the
//     grammar files around it).
//
// The package imports the standard library only, reads no clock and does no
// input or output: time and working hours are parameters, so that each rule can
// be tested with a table.
package desk
