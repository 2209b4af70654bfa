package daemon

import (
	"net"
	"os"
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/agenda"
)

// URL is an address in an answer.
type URL struct {
	URL string `json:"url"`
}

// NewPassword is an app password, told this once.
type NewPassword struct {
	URL      string `json:"url"`
	User     string `json:"user"`
	Password string `json:"password"`
}

func (d *Daemon) feedURL(r *book.Runner, v agenda.FeedVariant) (URL, error) {
	t, err := agenda.FeedToken(r, d.key, v)
	return URL{d.baseURL() + "/feed/" + t + ".ics"}, err
}

// FeedChoice says which feed is meant; with none the desk's full one.
type FeedChoice struct {
	Hidden bool
	Sales  bool
	Team   string
}

func (d *Daemon) teamURL(team string) (URL, error) {
	desks := d.teamDesks(team)
	if len(desks) == 0 {
		var teams []string
		for _, r := range d.runners() {
			if t := r.Current().Cfg.Team; t != "" {
				teams = append(teams, t)
			}
		}
		return URL{}, desk.Usage("no desk's team is named %q%s", team, config.DidYouMean(team, teams))
	}
	t, err := d.teamToken(team, desks)
	return URL{d.baseURL() + "/feed/" + t + ".ics"}, err
}

// baseURL is where page and feed are reached: the public address, else the one listened on.
func (d *Daemon) baseURL() string {
	if u := d.cfg.HTTP.PublicURL; u != "" {
		return strings.TrimRight(u, "/")
	}
	addr := d.Addr()
	if addr == "" {
		addr = d.cfg.HTTP.Listen
	}
	host, port, err := net.SplitHostPort(addr)
	if err == nil && (host == "" || host == "::" || host == "0.0.0.0") {
		if h, err := os.Hostname(); err == nil {
			addr = net.JoinHostPort(h, port)
		}
	}
	scheme := "http"
	if d.cfg.HTTP.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://" + addr
}
