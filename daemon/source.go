package daemon

import (
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/door/agenda"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/web"
)

// feedSource is what the web sees of the daemon.
type feedSource struct{ d *Daemon }

// Feed finds the feed that a token opens.
func (s feedSource) Feed(token string) (web.Feed, bool, error) {
	now := s.d.opt.Clock()
	var hit *book.Runner
	var variant agenda.FeedVariant
	for _, r := range s.d.runners() { // all are compared, so that time tells nothing
		for _, v := range []agenda.FeedVariant{agenda.FeedFull, agenda.FeedHidden, agenda.FeedSales} {
			t, err := agenda.FeedToken(r, s.d.key, v)
			if err != nil {
				return web.Feed{}, false, err
			}
			if seal.SameToken(t, token) {
				hit, variant = r, v
			}
		}
	}
	if hit == nil {
		return s.team(token, now)
	}
	v, err := agenda.FeedVersion(hit, now)
	if err != nil {
		return web.Feed{}, false, err
	}
	return web.Feed{Name: hit.Name + "/" + string(variant), Version: v, Render: func() ([]byte, time.Time, error) { return agenda.FeedOf(hit, now, variant) }}, true, nil
}

// team finds the team whose feed a token opens.
func (s feedSource) team(token string, now time.Time) (web.Feed, bool, error) {
	seen := map[string]bool{}
	for _, r := range s.d.runners() {
		team := strings.ToLower(r.Current().Cfg.Team)
		if team == "" || seen[team] {
			continue
		}
		seen[team] = true
		desks := s.d.teamDesks(team)
		t, err := s.d.teamToken(team, desks)
		if err != nil {
			return web.Feed{}, false, err
		}
		if !seal.SameToken(t, token) {
			continue
		}
		version := ""
		for _, r := range desks {
			v, err := agenda.FeedVersion(r, now)
			if err != nil {
				return web.Feed{}, false, err
			}
			version += v + "\x00"
		}
		return web.Feed{Name: "team/" + team, Version: version, Render: func() ([]byte, time.Time, error) { return teamFeed(r.Current().Cfg.Team, desks, now) }}, true, nil
	}
	return web.Feed{}, false, nil
}

// Health tells how each desk is doing.
func (s feedSource) Health() []web.DeskHealth {
	now := s.d.opt.Clock()
	var out []web.DeskHealth
	for _, r := range s.d.runners() {
		ok, why := watch.Ready(r, now)
		out = append(out, web.DeskHealth{Desk: r.Name, Ready: ok, Why: why})
	}
	return out
}
