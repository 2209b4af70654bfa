package daemon

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/store"
)

// registry holds the figures of this daemon.
func (d *Daemon) registry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(&collector{d: d})
	return reg
}

// collector reads the figures when they are asked for.
type collector struct{ d *Daemon }

var (
	descMessages = prometheus.NewDesc("fifthcall_messages_total", "Messages read, by class.", []string{"desk", "class"}, nil)
	descTouches  = prometheus.NewDesc("fifthcall_touches_total", "Touches logged.", []string{"desk"}, nil)
	descContacts = prometheus.NewDesc("fifthcall_contacts_total", "Contacts made.", []string{"desk"}, nil)
	descLag      = prometheus.NewDesc("fifthcall_sync_lag_seconds", "Seconds since the folder read longest ago was read.", []string{"desk"}, nil)
	descErrors   = prometheus.NewDesc("fifthcall_mailbox_errors_total", "Failures of the mailbox connection since the start.", []string{"desk"}, nil)
	descIdle     = prometheus.NewDesc("fifthcall_idle", "1 while the folder is watched by IDLE.", []string{"desk", "folder"}, nil)
	descUp       = prometheus.NewDesc("fifthcall_ready", "1 if the desk's mailbox was read within the hour.", []string{"desk"}, nil)
	descCallback = prometheus.NewDesc("fifthcall_callbacks_open", "Open callbacks.", []string{"desk"}, nil)
	descBadMail  = prometheus.NewDesc("fifthcall_quarantined_total", "Messages that could not be read.", []string{"desk"}, nil)
	descSize     = prometheus.NewDesc("fifthcall_state_bytes", "Size of the state on disk.", nil, nil)
)

// Describe names the figures.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descMessages, descTouches, descContacts, descLag, descErrors, descIdle, descUp, descCallback, descBadMail, descSize} {
		ch <- d
	}
}

// Collect reads them.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	now := c.d.opt.Clock()
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	count := func(desc *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(v), labels...)
	}
	gauge(descSize, float64(c.d.store.Size()))
	for _, r := range c.d.runners() {
		st := watch.Snapshot(r)
		if last := watch.LastRead(&st); !last.IsZero() {
			gauge(descLag, now.Sub(last).Seconds(), r.Name)
		}
		for f, on := range st.Idle {
			gauge(descIdle, boolFloat(on), r.Name, f)
		}
		ok, _ := watch.Ready(r, now)
		gauge(descUp, boolFloat(ok), r.Name)
		count(descErrors, uint64(st.Errors), r.Name)
		err := r.State.View(func(tx *store.Tx) error {
			counters, err := tx.Counters()
			if err != nil {
				return err
			}
			for name, n := range counters {
				if class, ok := strings.CutPrefix(name, "messages."); ok {
					count(descMessages, n, r.Name, class)
				}
			}
			count(descTouches, counters["touches"], r.Name)
			count(descContacts, counters["contacts"], r.Name)
			count(descBadMail, counters["quarantined"], r.Name)
			open, err := tx.OpenCallbacks()
			gauge(descCallback, float64(len(open)), r.Name)
			return err
		})
		if err != nil {
			r.Log.Error("could not read the figures", "error", err)
		}
	}
}

func boolFloat(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
