// Package orders keeps job orders, submittals, offers and placements: clocks, playbooks, late steps, care calls,
// guarantees.
package orders
