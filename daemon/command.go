package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// tokenLife is for how long a token alone, outside the folder of sent mail, proves an answer.
const tokenLife = 60 * 24 * time.Hour

// commandAge is how old a mail may be and still be obeyed: what was written before the desk
// began, or long ago, is history.
const commandAge = 60 * 24 * time.Hour

// commandMail is a mail that may hold commands.
type commandMail struct {
	m       *mailbox.Message
	issued  string // ID of the mail to the recruiter that it answers, "" for a note to self
	toLog   bool   // addressed to the log address
	token   bool   // its subject carries a log token
	proven  bool
	unready string // why it isn't proven
}

// ours reports whether the address is the recruiter's, or a delegate's.
func (rs *rules) ours(addr string) bool {
	return rs.circle.Own(addr) || slices.ContainsFunc(rs.cfg.Delegates, func(d string) bool { return mailbox.Canonical(d) == addr })
}

// isLog reports whether an address as written is the log address.
func (rs *rules) isLog(addr string) bool {
	return !rs.logBySubject() && strings.EqualFold(strings.TrimSpace(addr), rs.cfg.LogAddress)
}

// logBySubject reports whether the log address is an ordinary one of the recruiter's: mail to
// it is for the log only with a token in its subject.
func (rs *rules) logBySubject() bool {
	return rs.circle.Own(strings.ToLower(rs.cfg.LogAddress)) && !strings.Contains(rs.cfg.LogAddress, "+")
}

// mayCommand tells from the header whether a mail could hold commands, so that its text is
// worth reading: it answers a mail of Fifthcall's, or is addressed to nobody but the desk itself or its log address.
func (r *runner) mayCommand(rs *rules, m *mailbox.Message) bool {
	if m.Class == mailbox.ClassOwn || m.Draft || !rs.ours(mailbox.Canonical(m.From.Addr)) {
		return false
	}
	return r.answers(rs, m) != "" || selfOnly(rs, m) || toLog(rs, m) // a token in the subject counts in mails to oneself only
}

// answers is the ID of the issued mail that m answers, "" if it answers none. A forward answers
// nothing; in a mail to others, too, only the mail answered directly counts, as its thread may have
// begun with one of ours.
func (r *runner) answers(rs *rules, m *mailbox.Message) string {
	if m.HandsOn() {
		return ""
	}
	ids := slices.Clone(m.InReplyTo)
	if len(ids) > 1 {
		ids = ids[:1]
	}
	if selfOnly(rs, m) {
		ids = slices.Clone(m.InReplyTo)
		for i := len(m.Refs) - 1; i >= 0; i-- {
			ids = append(ids, m.Refs[i])
		}
	}
	for _, id := range ids {
		if own, ok := readOwnID(r.key, r.name, id); ok {
			return own
		}
	}
	return ""
}

func selfOnly(rs *rules, m *mailbox.Message) bool {
	for _, a := range m.To {
		if !rs.ours(mailbox.Canonical(a.Addr)) && !rs.isLog(a.Addr) {
			return false
		}
	}
	return len(m.To) > 0
}

func toLog(rs *rules, m *mailbox.Message) bool {
	if slices.ContainsFunc(m.To, func(a mailbox.Address) bool { return rs.isLog(a.Addr) }) {
		return true
	}
	for _, f := range []string{"Delivered-To", "X-Original-To", "Envelope-To"} { // a Bcc shows only there
		for _, v := range m.Header.All(f) {
			if rs.isLog(strings.Trim(v, "<> ")) {
				return true
			}
		}
	}
	return false
}

// judge decides whether a mail may command (DESIGN.md, principle 7). It lies in the folder of sent
// mail, or it arrived with a valid token and the server's word that the sender is genuine; a
// program's mail, or one with a foreign Sender, never.
func (in *intake) judge(m *mailbox.Message) *commandMail {
	rs := in.rules
	c := &commandMail{m: m, issued: in.r.answers(rs, m)}
	c.token = selfOnly(rs, m) && hasLogToken(in.r.key, in.r.name, m.Subject, in.env.Now)
	c.toLog = c.token || toLog(rs, m)
	auto := strings.ToLower(m.Header.Get("Auto-Submitted"))
	_, listed := mailbox.ListMail(m)
	switch {
	case auto != "" && !strings.HasPrefix(auto, "no"), m.Class == mailbox.ClassAutoReply, m.Class == mailbox.ClassBounce, listed:
		return nil
	case c.issued == "" && !selfOnly(rs, m) && !c.toLog:
		return nil
	}
	if !m.OneFrom() {
		c.unready = "it has more than one sender"
		return c
	}
	sender := mailbox.Canonical(m.Sender.Addr)
	if m.Sender.Addr != "" && !rs.ours(sender) {
		c.unready = "its Sender is " + sender
		return c
	}
	if in.batch.Sent {
		c.proven = true
		return c
	}
	c.unready = in.unproven(c)
	c.proven = c.unready == ""
	return c
}

// unproven says why a mail outside the folder of sent mail isn't obeyed, "" if it is.
func (in *intake) unproven(c *commandMail) string {
	rs := in.rules
	switch {
	case c.issued != "":
		if why := in.unknownOrOld(c.issued); why != "" {
			return why
		}
	case !c.token:
		return "it answers no mail of Fifthcall's, and doesn't lie in Sent"
	}
	switch {
	case rs.cfg.AuthservID == "":
		return "authserv_id is not configured, so nothing proves its sender"
	case !c.m.Authenticated(rs.cfg.AuthservID):
		return "the mail server doesn't vouch for its sender"
	}
	return ""
}

// unknownOrOld says why an answer to the issued mail proves nothing, "" if it does.
func (in *intake) unknownOrOld(id string) string {
	issued, err := in.tx.Issued(id)
	switch {
	case err != nil || issued == nil:
		return "the mail that it answers is unknown"
	case in.env.Now.Sub(issued.Time) > tokenLife:
		return "the mail that it answers is older than 60 days"
	}
	return ""
}

// command takes a mail that may hold commands. done is false if it is to be logged like any other.
func (in *intake) command(m *mailbox.Message) (done bool, err error) {
	if m.Body == nil || !in.r.mayCommand(in.rules, m) {
		return false, nil
	}
	c := in.judge(m)
	if c == nil {
		return false, nil
	}
	if seen, err := in.tx.Obeyed(m.Identity); seen || err != nil {
		return true, err
	}
	started, err := in.tx.Mark(markStarted)
	if err != nil {
		return true, err
	}
	if begun, _ := time.Parse(time.RFC3339, started); begun.IsZero() || m.Date.Before(begun) || in.env.Now.Sub(m.Date) > commandAge {
		return c.issued != "" && selfOnly(in.rules, m), nil // written before Fifthcall was there, or long ago
	}
	alone := selfOnly(in.rules, m)
	cmds := in.read(c)
	if !c.proven {
		return alone, in.suspect(c, cmds)
	}
	if c.toLog && !alone {
		return false, in.tx.SetObeyed(m.Identity, in.env.Now) // a Bcc: its recipients are logged like any other's
	}
	if people := mailbox.Forwarded(m); len(people) > 0 && c.issued == "" && c.toLog {
		return true, in.logForward(c, people)
	}
	if c.issued == "" && (len(cmds) == 0 || !cmds[0].Changes() && cmds[0].Verb != desk.VerbHelp && !c.toLog) {
		return true, nil // a note to self that isn't for us
	}
	return alone, in.obey(c, cmds)
}

var itemNumberRE = regexp.MustCompile(`^\*?(\d{1,3})[.)]\s+(.*)$`)

// read reads the commands of a mail. A line below a quoted item that names none itself is about that item.
func (in *intake) read(c *commandMail) []desk.Command {
	text, kind := c.m.Body.Readable()
	if kind == "html" {
		text = mailbox.HTMLText(c.m.Body.HTML().Text()) // with its quotes: answers may stand between them
	}
	g := in.rules.grammar(in.writtenAt(c.m))
	g.Now = g.Now.In(g.Zone)
	var items *desk.Issued
	if c.issued != "" {
		items, _ = in.tx.Issued(c.issued) // unknown: then no quoted number counts
	}
	out := readAnswers(mailbox.Answers(text), items, g)
	if c.issued == "" && !slices.ContainsFunc(out, desk.Command.Changes) {
		if again := desk.ParseCommands(c.m.Subject, g); len(again) > 0 && again[0].Changes() {
			return again // a note to self may be its subject alone
		}
	}
	return out
}

// readAnswers reads the lines that the recruiter wrote; those below a quoted item together.
func readAnswers(answers []mailbox.Answer, items *desk.Issued, g desk.Grammar) (out []desk.Command) {
	var block []string
	number := 0
	flush := func() {
		for _, cmd := range desk.ParseCommands(strings.Join(block, "\n"), g) {
			out = append(out, about(cmd, number, g)...)
		}
		block = nil
	}
	for _, a := range answers {
		if n := quotedNumber(a.Quote, items); n != number {
			flush()
			number = n
		}
		block = append(block, a.Text)
	}
	flush()
	return out
}

// about gives a command below quoted item n its number, unless it names somebody itself.
func about(cmd desk.Command, n int, g desk.Grammar) []desk.Command {
	if n == 0 {
		return []desk.Command{cmd}
	}
	num := strconv.Itoa(n)
	switch {
	case cmd.Verb == desk.VerbHelp, cmd.Verb == desk.VerbUndo, cmd.Verb == desk.VerbSpread, cmd.Verb == desk.VerbContact:
		return []desk.Command{cmd}
	case cmd.Ref == "" && cmd.Verb == desk.VerbUnknown, cmd.Verb == desk.VerbSnooze && strings.Trim(cmd.Ref, "0123456789") == "":
		// "2 june" below item 1 is a date, and no item 2
		again := desk.ParseCommands(num+" "+cmd.Line, g)
		if len(again) == 1 && again[0].Ref == num && again[0].Verb != desk.VerbUnknown {
			return again
		}
	}
	if cmd.Ref == "" {
		cmd.Ref = num
	}
	return []desk.Command{cmd}
}

// quotedNumber is the item that the quoted lines above an answer are about, nearest first: a line
// with its number and the beginning of its text. Any other text with a number, which may be a
// stranger's, is none.
func quotedNumber(quote []string, items *desk.Issued) int {
	if items == nil {
		return 0
	}
	for _, q := range quote {
		q = strings.TrimSpace(q)
		if slices.Contains(pageLandmarks, strings.ToLower(q)) {
			return 0 // a section's title, or the foot
		}
		m := itemNumberRE.FindStringSubmatch(q)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[1])
		if it, ok := items.Item(n); ok && it.Head != "" && strings.HasPrefix(foldQuote(m[2]), foldQuote(it.Head)) {
			return n
		}
	}
	return 0
}

// foldQuote is a text as far as quoting leaves it alone.
func foldQuote(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.NewReplacer("*", "", ">", "").Replace(s)), " "))
}

// writtenAt is when the recruiter wrote, by her clock, unless that can't be.
func (in *intake) writtenAt(m *mailbox.Message) time.Time {
	if m.Date.After(in.env.Now) || in.env.Now.Sub(m.Date) > 7*24*time.Hour {
		return in.env.Now
	}
	return m.Date
}

// suspect notes a mail that would have commanded and isn't proven. It is told once in the next
// morning mail, unless its copy in Sent proves it meanwhile.
func (in *intake) suspect(c *commandMail, cmds []desk.Command) error {
	if !slices.ContainsFunc(cmds, desk.Command.Changes) {
		return nil
	}
	return in.tx.PutJSON(suspectPrefix+c.m.Identity, suspicion{
		Seen: in.env.Now, From: mailbox.Canonical(c.m.From.Addr), Subject: desk.Tidy(c.m.Subject), Why: c.unready,
	})
}

const suspectPrefix = "suspect:"

// suspicion is a mail that claimed to command.
type suspicion struct {
	Seen               time.Time
	From, Subject, Why string
}

// settleSuspicions tells of the mails that claimed to command, once the folder of sent mail has
// been read since.
func settleSuspicions(tx *store.Tx, env desk.Env, sentRead time.Time) error {
	found := map[string]suspicion{}
	err := tx.EachJSON(suspectPrefix, func(name string, v []byte) error {
		var s suspicion
		if err := json.Unmarshal(v, &s); err != nil {
			return err
		}
		found[name] = s
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(found) {
		s := found[name]
		identity := strings.TrimPrefix(name, suspectPrefix)
		obeyed, err := tx.Obeyed(identity)
		if err != nil {
			return err
		}
		if !obeyed && !sentRead.After(s.Seen) {
			continue
		}
		if err := tx.DropJSON(name); err != nil {
			return err
		}
		if obeyed {
			continue
		}
		err = tx.AddNews(desk.News{
			ID: name, Time: s.Seen, Kind: desk.NewsTrouble,
			Text: fmt.Sprintf("A mail from %s, “%s”, looked like an answer to Fifthcall and was not obeyed: %s. If you wrote it, send it again from your own program.", s.From, shorten(s.Subject, 80), s.Why),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// result is what came of one command.
type result struct {
	cmd   desk.Command // with the reference resolved to one item
	who   string
	said  string
	asked string // what has to be asked back; nothing was changed then
}

// obey applies the commands of a proven mail in this transaction, and answers if there is
// something to tell.
func (in *intake) obey(c *commandMail, cmds []desk.Command) error {
	if err := in.tx.SetObeyed(c.m.Identity, in.env.Now); err != nil {
		return err
	}
	o := &obeying{in: in, mail: c, journal: journalName(c.issued)}
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
	for _, cmd := range cmds {
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

func journalName(issued string) string {
	if issued == "" {
		issued = "self"
	}
	return "journal:" + issued
}

// obeying applies one mail's commands.
type obeying struct {
	in      *intake
	mail    *commandMail
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
				seen[it.Contact] = true
			}
		}
		for i := range o.issued.Items {
			it := &o.issued.Items[i]
			if it.Contact == "" || seen[it.Contact] || !meansAll(cmd.Verb, it.Kind) {
				continue
			}
			seen[it.Contact] = true
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

// meansAll reports whether "all" or "rest" with the verb takes in items of the kind: what came of
// calls is said of the calls, and that no answer is needed of the mails.
func meansAll(verb string, kind desk.ItemKind) bool {
	switch {
	case verb == desk.VerbWaved:
		return kind == desk.ItemUnanswered
	case desk.Outcome(verb).IsTouch(), verb == desk.VerbSnooze, verb == desk.VerbDone, verb == desk.VerbCancel:
		return kind == desk.ItemCallback
	}
	return true
}

// one applies a command to one item, and notes how to undo it.
func (o *obeying) one(cmd desk.Command, to target) error {
	tx := o.in.tx
	a := &applier{tx: tx, env: o.in.env, planner: newPlanner(tx, o.in.env), source: desk.SourceMail, at: o.in.writtenAt(o.mail.m)}
	c, fresh, err := o.find(a, cmd, to)
	if err != nil {
		return o.asked(cmd, err)
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
	case cmd.Verb == desk.VerbContact, cmd.Verb == desk.VerbSpread, c == nil:
		l, err = a.apply(cmd)
	default:
		l, err = a.applyTo(cmd, c, fresh)
	}
	if err != nil {
		if fresh && isUserError(err) { // asked back: then nothing was changed, the contact is not made either
			if err := errors.Join(tx.Forget(c), tx.Found(c.Email())); err != nil {
				return err
			}
		}
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
	ch.Marks, ch.Merged = a.marks, a.merged
	ch.Verb, ch.Touches, ch.Order, ch.OrderWas = cmd.Verb, a.touched, a.order, a.orderWas
	ch.Line = cmd.String()
	if to.item != nil {
		ch.Item = to.item.N
		if o.issued.Answered == nil {
			o.issued.Answered = map[string]bool{}
		}
		o.issued.Answered[strconv.Itoa(to.item.N)] = true
	}
	if ch.Contact != "" {
		if err := ch.after(tx); err != nil {
			return err
		}
	}
	if err := ch.gaveWay(tx, a.planner.was); err != nil {
		return err
	}
	o.done.Changes = append(o.done.Changes, ch)
	who := l.Contact
	if c != nil {
		who = c.DisplayName()
	}
	o.results = append(o.results, result{cmd: cmd, who: who, said: l.Said})
	return nil
}

// find is the contact that a command is about; of "new" and "spread" none is looked up.
func (o *obeying) find(a *applier, cmd desk.Command, to target) (c *desk.Contact, fresh bool, err error) {
	_, order := desk.ParseOrderName(to.name)
	switch {
	case cmd.Verb == desk.VerbSpread, order, cmd.Verb == desk.VerbJobOrder && to.name == "":
		return nil, false, nil
	case cmd.Verb == desk.VerbContact:
		c, err = a.tx.ContactByEmail(mailbox.Canonical(cmd.Ref))
		return c, false, err
	case to.contact != "":
		c, err = a.tx.Contact(to.contact)
		if err == nil && c == nil {
			err = notFound("item %s is about somebody who was forgotten", to.name)
		}
		return c, false, err
	case to.item != nil:
		return nil, false, usage("item %s can't be answered so", to.name)
	}
	return a.find(to.name)
}

// asked turns a mistake of the writer's into a question; other errors stay errors.
func (o *obeying) asked(cmd desk.Command, err error) error {
	if !isUserError(err) {
		return err
	}
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
