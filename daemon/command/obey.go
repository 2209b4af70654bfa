package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// result is what came of one command.
type result struct {
	cmd   words.Command // with the reference resolved to one item
	said  string
	asked string // what has to be asked back; nothing was changed then

	logged book.Result
}

// Obey applies the commands of a proven mail in this transaction, and answers if there is
// something to tell.
func Obey(in *people.Intake, c *Mail, cmds []words.Command) error {
	if err := in.Tx.SetObeyed(c.M.Identity, in.Env.Now); err != nil {
		return err
	}
	o := &reply{in: in, mail: c, journal: desk.JournalName(c.Issued), source: desk.SourceMail, at: in.WrittenAt(c.M)}
	if c.Issued != "" {
		issued, err := in.Tx.Issued(c.Issued)
		if err != nil {
			return err
		}
		if issued != nil && issued.Kind == desk.KindEcho && issued.Parent == "" { // of a note to self
			o.journal = desk.JournalName("")
		}
		if issued != nil && issued.Parent != "" { // an answer to an echo speaks of the numbers of the mail before it
			parent, err := in.Tx.Issued(issued.Parent)
			if err != nil {
				return err
			}
			if parent != nil {
				issued = parent
				o.journal = desk.JournalName(parent.ID)
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
	in.Tx.Count("commands", len(o.results))
	return o.finish()
}

// repeatWindow is within what time the same answer, sent again as another mail, is the same.
const repeatWindow = 10 * time.Minute

// repeated reports whether the same words answered the same mail a moment ago: programs that lost the
// connection send again, with a new Message-ID.
func (o *reply) repeated(cmds []words.Command) (bool, error) {
	var lines []string
	for _, c := range cmds {
		lines = append(lines, c.String()+"\x00"+c.Note)
	}
	o.done.Lines = desk.ShortHash(lines...)
	all, err := Journal(o.in.Tx, o.journal)
	if err != nil {
		return false, err
	}
	for _, r := range all {
		if gap := o.in.WrittenAt(o.mail.M).Sub(r.Time); r.Lines == o.done.Lines && gap > -repeatWindow && gap < repeatWindow {
			return true, nil
		}
	}
	return false, nil
}

const (
	signaturesSeen store.Single[[]string] = "signatures" // hashes of the lines that were cut as the recruiter's signature
	mostSignatures int                    = 100
)

// cutLines are the lines that were cut as a signature and could be commands all the same, to be asked back; once, since a signature
// comes again with every mail.
func (o *reply) cutLines(cmds []words.Command) (out []words.Command, err error) {
	if o.mail == nil || len(o.mail.Signature) == 0 || !slices.ContainsFunc(cmds, words.Command.Changes) {
		return nil, nil
	}
	tx := o.in.Tx
	seen, err := signaturesSeen.Get(tx)
	if err != nil {
		return nil, err
	}
	g := o.in.Rules.Grammar(o.in.Env.Now)
	known := len(seen)
	for _, line := range o.mail.Signature {
		hash := desk.ShortHash(line)
		if slices.Contains(seen, hash) {
			continue
		}
		seen = append(seen, hash)
		for _, cmd := range words.ParseCommands(line, g) {
			n, _ := strconv.Atoi(cmd.Ref)
			if o.issued == nil {
				continue
			}
			if _, item := o.issued.Item(n); item {
				out = append(out, words.Command{Verb: words.VerbUnknown, Line: line, Error: "this looks like part of your signature and was not read; if you meant it, send it again without the lines around it"})
				break
			}
		}
	}
	if len(seen) == known {
		return nil, nil
	}
	return out, signaturesSeen.Put(tx, seen[max(0, len(seen)-mostSignatures):])
}

// reply applies one mail's commands.
type reply struct {
	in      *people.Intake
	mail    *Mail // nil of what was said in the shell
	source  string
	at      time.Time    // when it was written; zero for now
	problem error        // the latest mistake of the writer's
	issued  *desk.Issued // whose numbers count; nil for none
	journal string
	done    desk.Reply
	results []result
	help    bool
	undone  bool
}

// do applies one command to each item that it names. A mistake of the writer's is asked back;
// an error is ours.
func (o *reply) do(cmd words.Command) error {
	cmd, _, err := o.leftPlaced(cmd)
	if err != nil {
		return err
	}
	switch cmd.Verb {
	case words.VerbUnknown:
		o.results = append(o.results, result{cmd: cmd, asked: cmd.Error})
		return nil
	case words.VerbHelp:
		o.help = true
		return nil
	case words.VerbUndo:
		return o.undo(cmd)
	}
	refs, problem := o.refs(cmd)
	if problem != "" {
		o.results = append(o.results, result{cmd: cmd, asked: problem})
		return nil
	}
	for _, ref := range refs {
		one := cmd
		one.Ref = ref.Name
		if err := o.one(one, ref); err != nil {
			return err
		}
	}
	return nil
}

// refs resolves numbers by the mail answered, and "all" and "rest".
func (o *reply) refs(cmd words.Command) (out []desk.Target, problem string) {
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
			if cmd.Verb == words.VerbSend && !o.approvable(it) {
				continue // "send all" is no word about what was held, or may have gone
			}
			if it.Contact == "" || seen[it.Contact+it.Letter] || !words.MeansAll(cmd.Verb, it.Kind) {
				continue
			}
			seen[it.Contact+it.Letter] = true
			out = append(out, desk.Target{Name: strconv.Itoa(it.N), Contact: it.Contact, Item: it})
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
		return []desk.Target{{Name: cmd.Ref, Contact: it.Contact, Item: &it}}, ""
	}
	return []desk.Target{{Name: cmd.Ref}}, ""
}

// approvable reports whether an item is a letter that waits for nothing but the recruiter's word.
func (o *reply) approvable(it *desk.IssuedItem) bool {
	l, err := o.in.Tx.OutgoingByID(it.Letter)
	return err == nil && it.Letter != "" && l != nil && l.State == desk.OutApprove
}

// one applies a command to one item, and notes how to take it back. What is asked back has changed nothing.
func (o *reply) one(cmd words.Command, to desk.Target) error {
	if to.Item != nil && words.AboutHeld(cmd.Verb, to.Item) {
		return o.deleteHeld(cmd, to.Item)
	}
	a := o.in.R.Open(o.in.Tx, o.in.Env).From(o.source)
	a.At = o.at
	l, ch, err := Apply(a, cmd, to)
	if err != nil {
		return o.asked(cmd, err)
	}
	if to.Item != nil {
		if o.issued.Answered == nil {
			o.issued.Answered = map[string]bool{}
		}
		o.issued.Answered[strconv.Itoa(to.Item.N)] = true
	}
	o.done.Changes = append(o.done.Changes, ch)
	o.results = append(o.results, result{cmd: cmd, said: l.Said, logged: l})
	return nil
}

// asked turns a mistake of the writer's into a question; other errors stay errors.
func (o *reply) asked(cmd words.Command, err error) error {
	if !desk.IsUserError(err) {
		return err
	}
	o.problem = err
	o.results = append(o.results, result{cmd: cmd, asked: err.Error()})
	return nil
}

// finish stores the journal and the answered numbers, and echoes where that is asked for or needed.
func (o *reply) finish() error {
	tx := o.in.Tx
	if len(o.done.Changes) > 0 || o.undone {
		o.done.Identity, o.done.Time = o.mail.M.Identity, o.in.WrittenAt(o.mail.M)
		if err := AppendReply(tx, o.journal, o.done); err != nil {
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
func (o *reply) tellTomorrow() error {
	for i, r := range o.results {
		if r.asked != "" || r.said == "" {
			continue
		}
		n := desk.News{
			ID: "did-" + desk.ShortHash(o.mail.M.Identity, strconv.Itoa(i)), Time: o.in.Env.Now, Kind: desk.NewsUnderstood,
			Text: r.said,
		}
		if err := o.in.Tx.AddNews(n); err != nil {
			return err
		}
	}
	return nil
}

// mustEcho: an answer goes out if anything was unknown or asked back, dangerous, undone, much,
// or asked for.
func (o *reply) mustEcho() bool {
	if o.help || o.undone || len(o.done.Changes) >= desk.ManyChanges {
		return true
	}
	return slices.ContainsFunc(o.results, func(r result) bool { return r.asked != "" || r.cmd.Dangerous() })
}

// echo says what was understood, what was not, and how to undo. There is one at most for a mail:
// obeyed is committed with it, and nothing answers a mail that a program wrote.
func (o *reply) echo() error {
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
	subject := o.mail.M.Subject
	if !o.mail.M.Answers() {
		subject = "Re: " + subject
	}
	return o.in.R.Issue(o.in.Tx, o.in.Env, &book.OutgoingPage{Kind: desk.KindEcho, Subject: subject, Page: p, Parent: parent, Answers: o.mail.M})
}
