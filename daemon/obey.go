package daemon

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/mailbox"
)

// result is what came of one command.
type result struct {
	cmd   desk.Command // with the reference resolved to one item
	who   string
	said  string
	asked string // what has to be asked back; nothing was changed then

	logged Logged
}

// obey applies the commands of a proven mail in this transaction, and answers if there is
// something to tell.
func (in *intake) obey(c *commandMail, cmds []desk.Command) error {
	if err := in.tx.SetObeyed(c.m.Identity, in.env.Now); err != nil {
		return err
	}
	o := &obeying{in: in, mail: c, journal: journalName(c.issued), source: desk.SourceMail, at: in.writtenAt(c.m)}
	if c.issued != "" {
		issued, err := in.tx.Issued(c.issued)
		if err != nil {
			return err
		}
		if issued != nil && issued.Kind == kindEcho && issued.Parent == "" { // of a note to self
			o.journal = journalName("")
		}
		if issued != nil && issued.Parent != "" { // an answer to an echo speaks of the numbers of the mail before it
			parent, err := in.tx.Issued(issued.Parent)
			if err != nil {
				return err
			}
			if parent != nil {
				issued = parent
				o.journal = journalName(parent.ID)
			}
		}
		o.issued = issued
	}
	if again, err := o.repeated(cmds); again || err != nil {
		return err
	}
	cut, err := o.cutLines(cmds)
	if err != nil {
		return err
	}
	for _, cmd := range append(cmds, cut...) {
		if err := o.do(cmd); err != nil {
			return err
		}
	}
	in.tx.Count("commands", len(o.results))
	return o.finish()
}

// repeatWindow is within what time the same answer, sent again as another mail, is the same.
const repeatWindow = 10 * time.Minute

// repeated reports whether the same words answered the same mail a moment ago: programs that lost the
// connection send again, with a new Message-ID.
func (o *obeying) repeated(cmds []desk.Command) (bool, error) {
	var lines []string
	for _, c := range cmds {
		lines = append(lines, c.String()+"\x00"+c.Note)
	}
	o.done.Lines = desk.ShortHash(lines...)
	var all []reply
	if _, err := o.in.tx.JSON(o.journal, &all); err != nil {
		return false, err
	}
	for _, r := range all {
		if gap := o.in.writtenAt(o.mail.m).Sub(r.Time); r.Lines == o.done.Lines && gap > -repeatWindow && gap < repeatWindow {
			return true, nil
		}
	}
	return false, nil
}

const (
	signaturesSeen = "signatures" // hashes of the lines that were cut as the recruiter's signature
	mostSignatures = 100
)

// cutLines are the lines that were cut as a signature and could be commands all the same, to be asked back; once, since a signature
// comes again with every mail.
func (o *obeying) cutLines(cmds []desk.Command) (out []desk.Command, err error) {
	if o.mail == nil || len(o.mail.signature) == 0 || !slices.ContainsFunc(cmds, desk.Command.Changes) {
		return nil, nil
	}
	tx := o.in.tx
	var seen []string
	if _, err := tx.JSON(signaturesSeen, &seen); err != nil {
		return nil, err
	}
	g := o.in.rules.grammar(o.in.env.Now)
	known := len(seen)
	for _, line := range o.mail.signature {
		hash := desk.ShortHash(line)
		if slices.Contains(seen, hash) {
			continue
		}
		seen = append(seen, hash)
		for _, cmd := range desk.ParseCommands(line, g) {
			n, _ := strconv.Atoi(cmd.Ref)
			if o.issued == nil {
				continue
			}
			if _, item := o.issued.Item(n); item {
				out = append(out, desk.Command{Verb: desk.VerbUnknown, Line: line, Error: "this looks like part of your signature and was not read; if you meant it, send it again without the lines around it"})
				break
			}
		}
	}
	if len(seen) == known {
		return nil, nil
	}
	return out, tx.PutJSON(signaturesSeen, seen[max(0, len(seen)-mostSignatures):])
}

func journalName(issued string) string {
	if issued == "" {
		issued = "self"
	}
	return "journal:" + issued
}

// obeying applies one mail's commands.
type obeying struct {
	in      *intake
	mail    *commandMail // nil of what was said in the shell
	source  string
	at      time.Time    // when it was written; zero for now
	problem error        // the latest mistake of the writer's
	issued  *desk.Issued // whose numbers count; nil for none
	journal string
	done    reply
	results []result
	help    bool
	undone  bool
}

// do applies one command to each item that it names. A mistake of the writer's is asked back;
// an error is ours.
func (o *obeying) do(cmd desk.Command) error {
	cmd, _, err := o.leftPlaced(cmd)
	if err != nil {
		return err
	}
	switch cmd.Verb {
	case desk.VerbUnknown:
		o.results = append(o.results, result{cmd: cmd, asked: cmd.Error})
		return nil
	case desk.VerbHelp:
		o.help = true
		return nil
	case desk.VerbUndo:
		return o.undo(cmd)
	}
	refs, problem := o.refs(cmd)
	if problem != "" {
		o.results = append(o.results, result{cmd: cmd, asked: problem})
		return nil
	}
	for _, ref := range refs {
		one := cmd
		one.Ref = ref.name
		if err := o.one(one, ref); err != nil {
			return err
		}
	}
	return nil
}

// target is who a reference means.
type target struct {
	name    string // the reference
	contact string // contact ID, "" where the name has to be looked up
	item    *desk.IssuedItem
}

// refs resolves numbers by the mail answered, and "all" and "rest".
func (o *obeying) refs(cmd desk.Command) (out []target, problem string) {
	switch {
	case cmd.Ref == "all", cmd.Ref == "rest":
		if o.issued == nil {
			return nil, "“" + cmd.Ref + "” of which mail? Answer the morning mail"
		}
		seen := map[string]bool{}
		for i := range o.issued.Items { // whoever was answered about is not among the rest, under no number
			if it := &o.issued.Items[i]; cmd.Ref == "rest" && o.issued.Answered[strconv.Itoa(it.N)] {
				seen[it.Contact+it.Letter] = true
			}
		}
		for i := range o.issued.Items {
			it := &o.issued.Items[i]
			if cmd.Verb == desk.VerbSend && !o.approvable(it) {
				continue // "send all" is no word about what was held, or may have gone
			}
			if it.Contact == "" || seen[it.Contact+it.Letter] || !meansAll(cmd.Verb, it.Kind) {
				continue
			}
			seen[it.Contact+it.Letter] = true
			out = append(out, target{strconv.Itoa(it.N), it.Contact, it})
		}
		if len(out) == 0 {
			return nil, "nothing is left of that mail"
		}
		return out, ""
	case cmd.Ref != "" && strings.Trim(cmd.Ref, "0123456789") == "":
		n, _ := strconv.Atoi(cmd.Ref)
		if o.issued == nil {
			return nil, "number " + cmd.Ref + " of which mail? Answer the morning mail, or say a name or an address"
		}
		it, ok := o.issued.Item(n)
		if !ok {
			return nil, fmt.Sprintf("that mail has no item %d", n)
		}
		return []target{{cmd.Ref, it.Contact, &it}}, ""
	}
	return []target{{name: cmd.Ref}}, ""
}

// approvable reports whether an item is a letter that waits for nothing but the recruiter's word.
func (o *obeying) approvable(it *desk.IssuedItem) bool {
	l, err := o.in.tx.OutgoingByID(it.Letter)
	return err == nil && it.Letter != "" && l != nil && l.State == desk.OutApprove
}

// meansAll reports whether "all" or "rest" with the verb takes in items of the kind: what came of
// calls is said of the calls, and that no answer is needed of the mails.
func meansAll(verb string, kind desk.ItemKind) bool {
	switch {
	case verb == desk.VerbWaved:
		return kind == desk.ItemUnanswered
	case verb == desk.VerbSend:
		return kind == desk.ItemLetter
	case desk.Outcome(verb).IsTouch(), verb == desk.VerbSnooze, verb == desk.VerbDone, verb == desk.VerbCancel:
		return kind == desk.ItemCallback
	}
	return true
}

// one applies a command to one item, and notes how to undo it. What is asked back has changed nothing.
func (o *obeying) one(cmd desk.Command, to target) error {
	point, err := o.in.tx.Savepoint()
	if err != nil {
		return err
	}
	asked := len(o.results)
	if err := o.apply(cmd, to); err != nil {
		return err
	}
	if len(o.results) > asked && o.results[asked].asked != "" {
		return point.Rollback()
	}
	return nil
}

func (o *obeying) apply(cmd desk.Command, to target) error {
	tx := o.in.tx
	a := &applier{r: o.in.r, tx: tx, env: o.in.env, planner: newPlanner(tx, o.in.env), source: o.source, at: o.at}
	if to.item != nil {
		a.call = to.item.Call
		if aboutHeld(cmd.Verb, to.item) {
			return o.deleteHeld(cmd, to.item)
		}
	}
	c, fresh, err := o.find(a, cmd, to)
	if err != nil {
		return o.asked(cmd, err)
	}
	if _, order := desk.ParseOrderName(to.name); order && c != nil { // "JO7 placed Li Sato, start 1 May"
		cmd.Note = to.name + " " + cmd.Note
	}
	var ch change
	if c != nil {
		if ch, err = snapshot(tx, c, fresh); err != nil {
			return err
		}
	}
	var l Logged
	switch {
	case cmd.Verb == desk.VerbWaved && to.item != nil && to.item.Thread != "":
		a.marks = []string{wavedMark(to.item.Thread)}
		err = tx.SetMark(a.marks[0], o.in.env.Now.UTC().Format(time.RFC3339))
		l = Logged{Said: "no answer needed"}
	case to.item != nil && aboutLetter(cmd.Verb, to.item):
		l, err = a.sayToLetter(cmd, to.item.Letter)
	case to.item != nil && aboutInterview(cmd.Verb, to.item):
		l, err = a.sayToInterview(cmd, to.item.Interview)
	case to.item != nil && aboutCall(cmd.Verb, to.item):
		l, err = a.sayToCall(cmd, to.item.Call)
	case cmd.Verb == desk.VerbContact, cmd.Verb == desk.VerbSpread, c == nil:
		l, err = a.apply(cmd)
	default:
		l, err = a.applyTo(cmd, c, fresh)
	}
	if err != nil {
		return o.asked(cmd, err)
	}
	if cmd.Verb == desk.VerbContact && c == nil { // now there is one
		if c, err = tx.ContactByEmail(mailbox.Canonical(cmd.Ref)); err != nil {
			return err
		}
		if c != nil {
			ch.Contact, ch.Fresh = c.ID, true
			if ch.Before, err = copyContact(c); err != nil {
				return err
			}
		}
	}
	if to.item != nil {
		ch.Item = to.item.N
		if o.issued.Answered == nil {
			o.issued.Answered = map[string]bool{}
		}
		o.issued.Answered[strconv.Itoa(to.item.N)] = true
	}
	if err := a.noteChange(&ch, cmd.Verb, cmd.String()); err != nil {
		return err
	}
	o.done.Changes = append(o.done.Changes, ch)
	who := l.Contact
	if c != nil {
		who = c.DisplayName()
	}
	o.results = append(o.results, result{cmd: cmd, who: who, said: l.Said, logged: l})
	return nil
}

// find is the contact that a command is about; of "new" and "spread" none is looked up.
func (o *obeying) find(a *applier, cmd desk.Command, to target) (c *desk.Contact, fresh bool, err error) {
	_, order := desk.ParseOrderName(to.name)
	switch {
	case order && cmd.Verb == desk.VerbPlaced:
		c, err = a.personIn(cmd.Note)
		return c, false, err
	case cmd.Verb == desk.VerbSpread, order, cmd.Verb == desk.VerbJobOrder && to.name == "":
		return nil, false, nil
	case cmd.Verb == desk.VerbContact:
		c, err = a.tx.ContactByEmail(mailbox.Canonical(cmd.Ref))
		return c, false, err
	case to.item != nil && cmd.Verb == desk.VerbRole && aboutInterview(cmd.Verb, to.item) && to.contact == "":
		iv, err := a.tx.Interview(to.item.Interview)
		if err != nil || iv == nil || len(iv.Choices) != 1 {
			return nil, false, err
		}
		return a.find(iv.Choices[0])
	case to.contact != "":
		c, err = a.tx.Contact(to.contact)
		if err == nil && c == nil {
			err = notFound("item %s is about somebody who was forgotten", to.name)
		}
		return c, false, err
	case to.item != nil && (aboutInterview(cmd.Verb, to.item) || aboutLetter(cmd.Verb, to.item)):
		return nil, false, nil
	case to.item != nil:
		return nil, false, usage("item %s can't be answered so", to.name)
	}
	return a.find(to.name)
}

// aboutLetter, aboutInterview and aboutCall tell what a word means of an item that is more than a person.
func aboutLetter(verb string, it *desk.IssuedItem) bool {
	return it.Letter != "" && slices.Contains([]string{desk.VerbSend, desk.VerbCancel, desk.VerbNotInterested, desk.VerbDone, desk.VerbWaved}, verb)
}

func aboutInterview(verb string, it *desk.IssuedItem) bool {
	if it.Kind == desk.ItemLetter && verb != desk.VerbFact { // of a letter, a fact is about its interview, nothing else is
		return false
	}
	return it.Interview != "" && slices.Contains([]string{desk.VerbFact, desk.VerbInterview, desk.VerbSnooze, desk.VerbRole, desk.VerbCancel, desk.VerbNotInterested}, verb)
}

func aboutCall(verb string, it *desk.IssuedItem) bool {
	return it.Call != "" && slices.Contains([]string{desk.VerbSnooze, desk.VerbDone, desk.VerbCancel}, verb)
}

// asked turns a mistake of the writer's into a question; other errors stay errors.
func (o *obeying) asked(cmd desk.Command, err error) error {
	if !isUserError(err) {
		return err
	}
	o.problem = err
	o.results = append(o.results, result{cmd: cmd, asked: err.Error()})
	return nil
}

// finish stores the journal and the answered numbers, and echoes where that is asked for or needed.
func (o *obeying) finish() error {
	tx := o.in.tx
	if len(o.done.Changes) > 0 || o.undone {
		o.done.Identity, o.done.Time = o.mail.m.Identity, o.in.writtenAt(o.mail.m)
		if err := appendReply(tx, o.journal, o.done); err != nil {
			return err
		}
	}
	if o.issued != nil {
		if err := tx.PutIssued(o.issued); err != nil {
			return err
		}
	}
	tx.Shown()
	if err := o.tellTomorrow(); err != nil || !o.mustEcho() {
		return err
	}
	return o.echo()
}

// tellTomorrow notes for the next morning mail what was understood.
func (o *obeying) tellTomorrow() error {
	for i, r := range o.results {
		if r.asked != "" || r.said == "" {
			continue
		}
		n := desk.News{
			ID: "did-" + desk.ShortHash(o.mail.m.Identity, strconv.Itoa(i)), Time: o.in.env.Now, Kind: desk.NewsUnderstood,
			Text: r.said,
		}
		if err := o.in.tx.AddNews(n); err != nil {
			return err
		}
	}
	return nil
}

// mustEcho: an answer goes out if anything was unknown or asked back, dangerous, undone, much,
// or asked for.
func (o *obeying) mustEcho() bool {
	if o.help || o.undone || len(o.done.Changes) >= desk.ManyChanges {
		return true
	}
	return slices.ContainsFunc(o.results, func(r result) bool { return r.asked != "" || r.cmd.Dangerous() })
}

// echo says what was understood, what was not, and how to undo. There is one at most for a mail:
// obeyed is committed with it, and nothing answers a mail that a program wrote.
func (o *obeying) echo() error {
	p := &letter.Page{Title: "Fifthcall"}
	understood, unknown := letter.Section{Title: "Understood"}, letter.Section{Title: "Not understood, nothing was changed for it"}
	for _, r := range o.results {
		if r.asked != "" {
			unknown.Items = append(unknown.Items, letter.Item{Head: r.cmd.Line, Lines: []string{r.asked}})
			continue
		}
		understood.Items = append(understood.Items, letter.Item{Head: r.cmd.String(), Lines: []string{r.said}})
	}
	p.Sections = []letter.Section{understood, unknown}
	if o.help {
		p.Sections = append(p.Sections, letter.Section{Title: "What you can say", Lines: desk.Help()})
	}
	if len(o.done.Changes) > 0 {
		p.Foot = []string{"To take it back reply “undo”, or “undo” and the number."}
	}
	if len(o.results) == 0 && !o.help {
		p.Intro = []string{"Nothing in this mail was for Fifthcall."}
	}
	parent := ""
	if o.issued != nil {
		parent = o.issued.ID
	}
	subject := o.mail.m.Subject
	if !o.mail.m.Answers() {
		subject = "Re: " + subject
	}
	return o.in.r.issue(o.in.tx, o.in.env, &outgoingPage{kind: kindEcho, subject: subject, page: p, parent: parent, answers: o.mail.m})
}
