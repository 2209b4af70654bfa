package collection

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	wordspkg "fifthcall/daemon/desk/words"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/phone"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// claim finds whose call a new event is. Until that is known the event stays as it is, and is asked about.
func (e *Edit) claim(o *book.CollectionObject, res *calendar.Resource) error {
	if e.Coll != desk.CollCallbacks {
		return caldav.ErrReadOnly
	}
	text := res.Entry.Summary + "\n" + res.Entry.Description + "\n" + res.Entry.Location
	c, fresh, problem, err := e.whose(text)
	if err != nil {
		return err
	}
	if c == nil {
		return e.News(desk.NewsAsk, "", fmt.Sprintf("“%s”, which you put into the calendar for %s, is nobody's call yet: %s. Write the name, address or number of one of your contacts into its title; until then it stays as it is.",
			desk.Shorten(desk.Tidy(res.Entry.Summary), 80), agenda.SayMoment(res.Entry.Start, e.Env.Zone), problem))
	}
	if !c.Callable() {
		return e.News(desk.NewsAsk, c.ID, fmt.Sprintf("%s is not to be called (%s), so your new event for it stays a mere event.", c.DisplayName(), c.Status))
	}
	cur, err := e.Tx.Callback(c.ID)
	if err != nil {
		return err
	}
	switch {
	case cur.Open():
	case cur != nil: // the call that was, under the new event's UID
		if err := e.Tx.RenameCallback(cur, o.UID); err != nil {
			return err
		}
	}
	note := strings.Join(ownText(e.shownBefore()).added(res.Entry.Description), "; ")
	cmd := wordspkg.Command{Verb: wordspkg.VerbSnooze, Next: agenda.NextOf(res.Entry.Start, e.Env.Zone), Note: desk.Shorten(note, 500), Line: "a new event"}
	if err := e.Obey(cmd, nil, c, fresh); err != nil {
		return err
	}
	if err := e.Journal(); err != nil {
		return err
	}
	now, err := e.Tx.Callback(c.ID)
	if err != nil || !now.Open() {
		return err
	}
	next := *o
	if cur == nil { // the first call owed to them: it is this event
		if err := e.Tx.RenameCallback(now, o.UID); err != nil {
			return err
		}
		next.Shows = o.UID
	} else if now.UID == o.UID {
		next.Shows = o.UID
	} else { // one call is owed to them already, as another event: that one moved
		next.Data = nil
	}
	e.put(next)
	return nil
}

// shownBefore are the texts that the collection shows: a new event may be a copy of one.
func (e *Edit) shownBefore() []string {
	var out []string
	for _, o := range e.objects {
		if o.Data != nil && o.Shows != "" && bytes.Contains(o.Data, []byte("DESCRIPTION")) {
			if res, err := calendar.ReadResource(o.Data); err == nil {
				out = append(out, res.Entry.Description)
			}
		}
	}
	return out
}

// whose finds the one contact that a new event's text names: by address, by number, else by name. An address that nobody has names
// somebody new. Without one problem says why.
func (e *Edit) whose(text string) (c *desk.Contact, fresh bool, problem string, err error) {
	var found []*desk.Contact
	add := func(c *desk.Contact) {
		if c != nil && !slices.ContainsFunc(found, func(o *desk.Contact) bool { return o.ID == c.ID }) {
			found = append(found, c)
		}
	}
	var stranger string
	rs := e.R.Current()
	for _, m := range wordspkg.AddressRE.FindAllString(text, 10) {
		addr := message.Canonical(m)
		if addr == "" || rs.Circle.Own(addr) {
			continue
		}
		c, err := e.Tx.ContactByEmail(addr)
		if err != nil {
			return nil, false, "", err
		}
		if add(c); c == nil && stranger == "" {
			if ok, _ := rs.Circle.Outsider(desk.Person{Addr: addr}); ok {
				stranger = addr
			}
		}
	}
	if len(found) == 0 {
		if err := e.named(text, add); err != nil {
			return nil, false, "", err
		}
	}
	switch {
	case len(found) == 1:
		return found[0], false, "", nil
	case len(found) > 1:
		var names []string
		for _, c := range found[:min(len(found), 4)] {
			names = append(names, c.DisplayName()+" <"+desk.Handle(c)+">")
		}
		return nil, false, "it could be " + strings.Join(names, ", "), nil
	case stranger != "":
		c, err := people.NewContact(e.Tx, stranger, desk.SourceCalendar)
		return c, true, "", err
	}
	return nil, false, "it names none of your contacts", nil
}

// named finds the contacts whose number, else whose name, is in the text.
func (e *Edit) named(text string, add func(*desk.Contact)) error {
	all, err := e.Tx.Contacts()
	if err != nil {
		return err
	}
	hit := false
	for _, m := range wordspkg.NumberRE.FindAllString(text, 10) {
		for _, c := range all {
			if phone.Same(m, c.Phone) {
				add(c)
				hit = true
			}
		}
	}
	if hit {
		return nil
	}
	words := desk.FoldWords(text)
	for _, c := range all {
		if name := strings.TrimSpace(desk.FoldWords(c.Name)); strings.Contains(name, " ") && strings.Contains(words, " "+name+" ") {
			add(c)
		}
	}
	return nil
}
