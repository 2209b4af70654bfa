package daemon

import (
	"runtime"
	"testing"

	"fifthcall/daemon/store/kv/memory"
)

// TestGrowth holds that what is asked costs what it answers: on a desk that is ten times larger, with as much going on of late, it takes
// up to twice as much. It is counted in bytes that are allocated, which no busy machine changes; BenchmarkAnswers measures time.
func TestGrowth(t *testing.T) {
	cost := func(n int) map[string]uint64 {
		cfg := testConfig(t, t.TempDir(), "sam", 1)
		cfg.Desks[0].CallbacksPerDay = 2 // both have as many calls a day
		dm, err := Open(cfg, Options{Clock: fixedClock(benchEnd), Engine: memory.New()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = dm.Close() })
		fillSized(t, dm, n, 200)
		out := map[string]uint64{}
		for _, a := range answers {
			if !a.bounded {
				continue
			}
			const rounds = 5
			for i := range 2 * rounds { // the first ones make what is kept
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if err := a.ask(dm, i); err != nil {
					t.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				if i >= rounds {
					out[a.name] += after.TotalAlloc - before.TotalAlloc
				}
			}
		}
		return out
	}
	small, large := cost(300), cost(3000)
	for name, was := range small {
		if now := large[name]; now > 2*was {
			t.Errorf("%s: %d bytes on a small desk, %d on one ten times larger", name, was, now)
		}
	}
}
