// Package prose understands what a mail says: its class (person, list, robot, bounce, absence), what its author wrote anew, bounces,
// absences and their dates, notices of calls, forwarded mails. Word lists lie in words/. It decides by evidence that it can name, and
// leaves what is in doubt as it is. It knows mail, and no recruiting.
package prose
