package daemon

import (
	"context"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"fifthcall/calendar"
	"fifthcall/calendar/caldav"
	"fifthcall/daemon/book"
	"fifthcall/daemon/command"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/collection"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/web"
	"fifthcall/daemon/work/agency"
	"fifthcall/daemon/work/reports"
)

// agencyTable are the figures of all desks, for a lead.
func (d *Daemon) agencyTable(now time.Time) (head []string, rows []web.Figure, err error) {
	for _, f := range agency.SharedFigures {
		head = append(head, f.Label)
	}
	head = append(head, "Red", "Late orders")
	for _, r := range d.runners() {
		row := web.Figure{Desk: r.Name}
		err := reports.Share(r, now, func(s *book.Shared) {
			for _, f := range agency.SharedFigures {
				row.Values = append(row.Values, strconv.FormatFloat(s.Figures[f.Name], 'f', -1, 64))
			}
			row.Values = append(row.Values, strconv.Itoa(len(s.Red)), strconv.Itoa(s.Late))
		})
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	return head, rows, nil
}

// caldavLogin lets the owners of desks in.
type caldavLogin struct{ d *Daemon }

// SignIn finds the desk's calendars.
func (l caldavLogin) SignIn(ctx context.Context, user, password, from string) (caldav.Calendars, error) {
	var hit *book.Runner
	for _, r := range l.d.runners() {
		if strings.EqualFold(r.Name, user) {
			hit = r
		}
	}
	var all []collection.AppPassword
	if hit != nil {
		var err error
		if all, err = collection.Passwords(hit); err != nil {
			return nil, err
		}
	}
	if len(password) > 72 { // more than bcrypt reads
		return nil, caldav.ErrSignIn
	}
	if err := l.d.doorman.Admit(ctx, strings.ToLower(user), password, from, all, l.d.opt.Clock()); err != nil {
		return nil, err
	}
	if hit == nil {
		return nil, caldav.ErrSignIn
	}
	return collection.DeskCalendars{R: hit}, nil
}

// caldavPrefix is the path of the calendars that write back.
const caldavPrefix = "/caldav/"

// teamDesks are the desks of a team.
func (d *Daemon) teamDesks(team string) []*book.Runner {
	var out []*book.Runner
	for _, r := range d.runners() {
		if team != "" && strings.EqualFold(r.Current().Cfg.Team, team) {
			out = append(out, r)
		}
	}
	return out
}

// teamToken is the token of a team's feed; rotating the address of one of its desks makes it void.
func (d *Daemon) teamToken(team string, desks []*book.Runner) (string, error) {
	parts := []string{string(agenda.FeedTeam), strings.ToLower(team)}
	for _, r := range desks {
		t, err := agenda.FeedToken(r, d.key, agenda.FeedTeam)
		if err != nil {
			return "", err
		}
		parts = append(parts, t)
	}
	return seal.Token(d.key, parts...), nil
}

// teamFeed renders what all of a team's desks have to call.
func teamFeed(team string, desks []*book.Runner, now time.Time) (body []byte, modified time.Time, err error) {
	var all []calendar.Event
	for _, r := range desks {
		events, m, err := agenda.FeedEvents(r, now, agenda.FeedTeam)
		if err != nil {
			return nil, modified, err
		}
		if m.After(modified) {
			modified = m
		}
		all = append(all, events...)
	}
	info := calendar.FeedInfo{ProdID: desk.ProdID, Name: "Callbacks " + team, Description: "What the team's desks have to call, kept by Fifthcall", Zone: desks[0].Current().Zone.String(), Color: "teal"}
	body, err = agenda.WriteFeed(desks[0], info, all, now)
	return body, modified, err
}

// takeToken stores the tokens of a login, and has the mailbox watched again if it was given up.
func (d *Daemon) takeToken(ctx context.Context, r *book.Runner, t *oauth2.Token) error {
	if t.RefreshToken == "" && t.AccessToken == "" {
		return desk.Usage("there is no token to store")
	}
	if err := watch.StoreToken(ctx, r, t); err != nil {
		return err
	}
	watch.Forget(&r.SignIn)
	d.mu.Lock()
	defer d.mu.Unlock()
	if cancel := d.watching[r.Name]; cancel != nil {
		cancel()
		watch.Renew(r)
		d.startWatching(r, &d.workers)
	}
	return nil
}

// pageKey is the secret in the address of a desk's page.
func (d *Daemon) pageKey(r *book.Runner) string { return seal.Token(d.key, "page", r.Name) }

// pageDesk is the desk whose page a key opens, nil for none.
func (d *Daemon) pageDesk(key string) *book.Runner {
	var hit *book.Runner
	for _, r := range d.runners() { // all are compared, so that time tells nothing
		if seal.SameToken(d.pageKey(r), key) {
			hit = r
		}
	}
	return hit
}

// Say takes words as the recruiter writes them into the page.
func (s feedSource) Say(key, once, text string) (said []string, ok bool, err error) {
	r := s.d.pageDesk(key)
	if r == nil {
		return nil, false, nil
	}
	out, again, err := command.LogOnce(context.Background(), r, "page:"+once, text, s.d.opt.Clock())
	if again {
		return []string{"That was taken before."}, true, nil
	}
	if desk.IsUserError(err) {
		return []string{"Nothing was changed: " + err.Error()}, true, nil
	}
	for _, l := range out {
		said = append(said, l.Said)
	}
	return said, true, err
}

// Page is what a desk's page shows to whoever has its key.
func (s feedSource) Page(key string) (web.Page, bool, error) {
	r := s.d.pageDesk(key)
	if r == nil {
		return web.Page{}, false, nil
	}
	now := s.d.opt.Clock()
	p, err := page(r, now)
	if err == nil && r.Current().Cfg.Lead {
		p.AgencyHead, p.Agency, err = s.d.agencyTable(now)
	}
	return p, err == nil, err
}
