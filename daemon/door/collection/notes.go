package collection

import (
	"slices"
	"strings"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/work/people"
)

// said is what a client's change means, as commands.
func (e *Edit) said(o *book.CollectionObject, old, res *calendar.Resource, c *desk.Contact) []words.Command {
	was, now := &old.Entry, &res.Entry
	lines, stale := newLines(o, append(slices.Clone(ownText(o.Shown)), was.Description), now.Description, e.Env)
	out := e.saidInNotes(lines, c)
	if stale { // an older version put back: what it says besides was understood then
		return out
	}
	title := strings.TrimSpace(now.Summary)
	changed := title != strings.TrimSpace(was.Summary)
	spoken := slices.ContainsFunc(out, func(cmd words.Command) bool { return desk.Outcome(cmd.Verb).IsTouch() })
	switch {
	case changed && words.Ticked(title) && !words.Ticked(was.Summary),
		slices.ContainsFunc(res.Categories(), calendar.IsDone) && !slices.ContainsFunc(old.Categories(), calendar.IsDone):
		if spoken { // what came of it is told in the notes
			return out
		}
		return append(out, words.Command{Verb: words.VerbDone})
	case now.Status == "CANCELLED" && was.Status != "CANCELLED":
		return append(out, words.Command{Verb: words.VerbCancel})
	case changed && title != "":
		out = append(out, words.Command{Verb: words.VerbNote, Note: title})
	}
	if place := desk.TidyLine(now.Location); place != "" && place != desk.TidyLine(was.Location) {
		out = append(out, words.Command{Verb: words.VerbNote, Note: "place: " + place})
	}
	if !now.Start.In(e.Env.Zone).Equal(was.Start.In(e.Env.Zone)) || now.Start.Kind == calendar.Day && was.Start.Kind != calendar.Day {
		out = append(out, words.Command{Verb: words.VerbSnooze, Next: agenda.NextOf(now.Start, e.Env.Zone)})
	}
	return out
}

// keptLines is how many lines that were understood are remembered of an event.
const keptLines = 40

// newLines are the lines added to an event's notes that were not understood before. stale tells that some were: then a client has put back
// what it had before.
func newLines(o *book.CollectionObject, own ownText, now string, env desk.Env) (lines []string, stale bool) {
	for _, l := range own.added(now) {
		mark := env.Today().String() + " " + desk.ShortHash(squash(l))
		if slices.Contains(o.Heard, mark) {
			stale = true
			continue
		}
		lines = append(lines, l)
		o.Heard = append(o.Heard, mark)
	}
	o.Heard = o.Heard[max(0, len(o.Heard)-keptLines):]
	return lines, stale
}

// maxNotes bounds what is read of added notes.
const maxNotes = 4000

// saidInNotes reads added lines as commands about the event's contact; all that are none are one note.
func (e *Edit) saidInNotes(lines []string, c *desk.Contact) []words.Command {
	if len(lines) == 0 {
		return nil
	}
	text := strings.Join(lines, "\n")
	read, rest := text, ""
	if len(read) > maxNotes { // whole lines, the others are a note
		cut := strings.LastIndexByte(read[:maxNotes], '\n')
		read, rest = read[:max(cut, 0)], read[max(cut, 0):]
	}
	rs := e.R.Current()
	var out []words.Command
	var notes []string
	g := rs.Grammar(e.Env.Now.In(e.Env.Zone))
	for _, cmd := range words.ParseCommands(read, g) {
		if cmd.Verb == words.VerbUnknown { // a fact is one of the event's person, or of what the event prepares
			if about := words.ParseCommands(desk.Handle(c)+" "+cmd.Line, g); len(about) == 1 && about[0].Verb == words.VerbFact {
				cmd = about[0]
			}
		}
		if !e.means(cmd, c) || cmd.Verb == words.VerbNote {
			note := cmd.Line
			if cmd.Verb == words.VerbNote && cmd.Note != "" {
				note = cmd.Note
			}
			notes = append(notes, note)
			continue
		}
		cmd.Ref = ""
		out = append(out, cmd)
	}
	if len(out)+len(notes) == 0 { // courtesy alone is a note here, too: she wrote it down
		notes = strings.Split(read, "\n")
	}
	if rest = strings.TrimSpace(rest); rest != "" {
		notes = append(notes, strings.Split(rest, "\n")...)
	}
	if len(notes) > 0 {
		out = append(out, words.Command{Verb: words.VerbNote, Note: strings.Join(notes, "; ")})
	}
	return out
}

// means reports whether a line in an event's notes is a command about its contact.
func (e *Edit) means(cmd words.Command, c *desk.Contact) bool {
	switch cmd.Verb {
	case words.VerbUnknown, words.VerbHelp, words.VerbUndo, words.VerbMerge, words.VerbContact, words.VerbSpread, words.VerbSend, words.VerbJobOrder:
		return false
	}
	if cmd.Ref == "" {
		return true
	}
	other, err := people.FindContact(e.Tx, cmd.Ref)
	return err == nil && other != nil && other.ID == c.ID
}
