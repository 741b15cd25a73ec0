#include "maths/autoscale_control.h"
#include "base/memory.h"
#include "maths/scaling.h"

tt_hpa_policy tt_hpa_default(void)
{
	/* kube-controller-manager and autoscaling/v2, as documented for Kubernetes 1.30 */
	return (tt_hpa_policy){
		.period_s = 15, .metric_age_s = 1, .tolerance_ratio = 0.1, .scale_down_s = 300,
		.up_replicas = 4, .up_pct = 100,
	};
}

tt_queue_policy tt_queue_default(void)
{
	/* ScaledObject, as documented for KEDA 2.15 */
	return (tt_queue_policy){
		.hpa = tt_hpa_default(), .queue_per_replica = 1, .poll_s = 30, .cooldown_s = 300,
	};
}

static int check_hpa(const tt_hpa_policy *h, tt_err *err)
{
	TT_TRY(tt_scaling_check_time("period_s", h->period_s, 1, err));
	TT_TRY(tt_scaling_check_time("metric_age_s", h->metric_age_s, 1, err));
	TT_TRY(tt_scaling_check_number("tolerance_ratio", h->tolerance_ratio, 0, 1, err));
	TT_TRY(tt_scaling_check_time("scale_down_s", h->scale_down_s, 0, err));
	TT_TRY(tt_scaling_check_count("up_replicas", h->up_replicas, 0, TT_AUTOSCALE_REPLICAS,
				      err));
	return tt_scaling_check_count("up_pct", h->up_pct, 0, TT_MILLION, err);
}

/* What one round sees, in one unit. */
struct metric {
	tt_i128 all, per_replica;    /* summed over replicas; the target of each */
	int64_t counted;             /* replicas that it comes from */
};

static bool near(tt_i128 metric, tt_i128 target, int64_t tolerance_u6)
{
	const tt_i128 off = metric > target ? metric - target : target - metric;

	return off * TT_MILLION <= target * tolerance_u6;
}

/* ceil(counted x (all / counted) / target), where that is not too near. Replicas without a
 * metric count as idle when it would grow. */
static int64_t hpa_wish(const tt_scaling *r, const tt_hpa_policy *h, const struct metric *m)
{
	const int64_t tolerance_u6 = tt_scaling_u6(h->tolerance_ratio);
	const tt_i128 counted = m->per_replica * m->counted, paid = m->per_replica * r->replicas;

	if (m->counted == 0 || near(m->all, counted, tolerance_u6))
		return r->replicas;
	if (m->all > counted && (m->all <= paid || near(m->all, paid, tolerance_u6)))
		return r->replicas;

	const int64_t wish = tt_scaling_limit(r->p, tt_scaling_ratio_up(m->all, m->per_replica));

	return wish > 1 ? wish : 1; /* an HPA never goes to 0 */
}

/* Remember a wish; the first of those kept is then the highest. */
static void remember(tt_timed_line *wishes, int64_t now_s, int64_t wish)
{
	while (wishes->n && tt_timed_at(wishes, wishes->n - 1)->n <= wish)
		wishes->n--;
	tt_timed_push(wishes, now_s, wish);
}

static void hpa_round(tt_scaling *r, const tt_hpa_policy *h, tt_timed_line *wishes,
                      const struct metric *m)
{
	const int64_t wish = hpa_wish(r, h, m);
	int64_t more = r->replicas * h->up_pct;

	while (wishes->n && tt_timed_at(wishes, 0)->at_s <= r->now_s - h->scale_down_s)
		tt_timed_shift(wishes);
	remember(wishes, r->now_s, wish);
	more = more / 100 + (more % 100 > 0);
	if (more < h->up_replicas)
		more = h->up_replicas;
	if (!h->up_replicas && !h->up_pct)
		more = TT_AUTOSCALE_REPLICAS;
	if (wish > r->replicas)
		tt_scaling_set(r, wish < r->replicas + more ? wish : r->replicas + more);
	else if (tt_timed_at(wishes, 0)->n < r->replicas)
		tt_scaling_set(r, tt_timed_at(wishes, 0)->n);
}

/* The load `age_s` ago, or TT_UNDECIDED. */
static int64_t seen(const tt_scaling *r, int64_t age_s)
{
	const int64_t at_s = r->now_s - age_s;

	return at_s < 0 ? TT_UNDECIDED : r->load_u6[at_s / r->p->step_s];
}

static int64_t next_multiple(int64_t now_s, int64_t period_s)
{
	return (now_s / period_s + 1) * period_s;
}

/* The time up to which a metric of that age comes from one step. */
static int64_t same_until(const tt_scaling *r, int64_t age_s)
{
	return next_multiple(r->now_s - age_s, r->p->step_s) + age_s - 1;
}

/* --- Rounds that change nothing are not gone through one by one ---
 * After one that left `before` as they were, with an even load, nothing starting and the only
 * wish kept that for what runs, every round is like the last one, only later. */
static bool settled(const tt_scaling *r, int64_t before, const tt_timed_line *wishes)
{
	return r->starting == 0 && r->replicas == before && wishes->n == 1 &&
	       tt_timed_at(wishes, 0)->n == r->replicas &&
	       tt_timed_at(wishes, 0)->at_s == r->now_s;
}

/* Where the last such round of `period_s` is, from now to same_s. */
static int64_t last_round(const tt_scaling *r, int64_t same_s, int64_t period_s)
{
	const int64_t end_s = same_s < r->end_s ? same_s : r->end_s - 1;
	const int64_t last_s = end_s / period_s * period_s;

	return last_s > r->now_s ? last_s : r->now_s;
}

static int run_hpa(tt_scaling *r, const void *policy, tt_err *err)
{
	const tt_hpa_policy *h = policy;
	tt_timed_line wishes = { 0 };

	TT_TRY(tt_scaling_check_count("min_replicas", r->p->min_replicas, 1, r->p->max_replicas,
				      err));
	if (r->first_u6 == TT_UNDECIDED)
		return tt_scaling_no_load(err);
	TT_TRY(tt_timed_make(&wishes, h->scale_down_s, h->period_s, r->end_s / h->period_s, err));
	tt_scaling_start(r, tt_scaling_size(r, r->first_u6));
	remember(&wishes, 0, r->replicas);
	while (r->now_s < r->end_s) {
		const int64_t next_s = next_multiple(r->now_s, h->period_s);

		tt_scaling_advance(r, next_s < r->end_s ? next_s : r->end_s);

		const int64_t load_u6 = seen(r, h->metric_age_s);
		const int64_t ready = r->replicas - r->starting;
		struct metric m = {
			.all = load_u6, .per_replica = (tt_i128)r->capacity_u6 * r->target_u6,
			.counted = ready,
		};

		if (r->now_s == r->end_s || load_u6 == TT_UNDECIDED)
			continue;
		if (h->saturates && m.all > (tt_i128)ready * r->capacity_u6)
			m.all = (tt_i128)ready * r->capacity_u6;
		m.all *= TT_MILLION;

		const int64_t before = r->replicas;

		hpa_round(r, h, &wishes, &m);
		if (settled(r, before, &wishes)) {
			tt_scaling_advance(r, last_round(r, same_until(r, h->metric_age_s),
							 h->period_s));
			tt_timed_at(&wishes, 0)->at_s = r->now_s;
		}
	}
	tt_free(wishes.v);
	return TT_OK;
}

static int check_queue(const tt_queue_policy *q, tt_err *err)
{
	TT_TRY(check_hpa(&q->hpa, err));
	TT_TRY(tt_scaling_check_number("queue_per_replica", q->queue_per_replica, 1e-6, 1e12,
				       err));
	TT_TRY(tt_scaling_check_number("activation", q->activation, 0, 1e12, err));
	TT_TRY(tt_scaling_check_number("serving_s", q->serving_s, 0, 86400, err));
	TT_TRY(tt_scaling_check_time("poll_s", q->poll_s, 1, err));
	return tt_scaling_check_time("cooldown_s", q->cooldown_s, 0, err);
}

/* What waits, and what is being served of the load that came last. */
static tt_i128 queue_length_u6(const tt_scaling *r, const tt_queue_policy *q, int64_t load_u6)
{
	const tt_i128 most_u6 = (tt_i128)(r->replicas - r->starting) * r->capacity_u6;
	const tt_i128 served_u6 = r->queue_u6 > 0 || load_u6 > most_u6 ? most_u6 : load_u6;

	return r->queue_u6 + served_u6 * tt_scaling_u6(q->serving_s) / TT_MILLION;
}

/* To and from 0. The wishes of before may stay: what runs later was wished for later. */
static void look_for_work(tt_scaling *r, const tt_queue_policy *q, bool work,
                          int64_t *last_work_s)
{
	if (work)
		*last_work_s = r->now_s;
	if (work && r->replicas == 0)
		tt_scaling_set(r, 1);
	else if (!work && r->p->min_replicas == 0 && r->now_s - *last_work_s >= q->cooldown_s)
		tt_scaling_set(r, 0);
}

/* As above: asleep without work, or awake with an empty queue and nothing to fall asleep for. */
static void queue_skip(tt_scaling *r, const tt_queue_policy *q, int64_t before, int64_t load_u6,
                       tt_timed_line *wishes, int64_t *last_work_s)
{
	const bool work = queue_length_u6(r, q, load_u6) > tt_scaling_u6(q->activation);
	const int64_t same_s = same_until(r, 1), from_s = r->now_s;

	if (r->queue_u6 > 0 || load_u6 > (tt_i128)(r->replicas - r->starting) * r->capacity_u6)
		return;
	if (r->replicas == 0) { /* and nothing comes */
		tt_scaling_advance(r, last_round(r, same_s, 1));
		return;
	}
	if (!settled(r, before, wishes) || (!work && r->p->min_replicas == 0))
		return;
	tt_scaling_advance(r, last_round(r, same_s, q->hpa.period_s));
	tt_timed_at(wishes, 0)->at_s = r->now_s;
	if (work && r->now_s / q->poll_s * q->poll_s > from_s) /* looked in between */
		*last_work_s = r->now_s / q->poll_s * q->poll_s;
}

static void queue_round(tt_scaling *r, const tt_queue_policy *q, tt_timed_line *wishes,
                        int64_t *last_work_s)
{
	const int64_t load_u6 = seen(r, 1);

	if (load_u6 == TT_UNDECIDED) { /* and unknown is not idle */
		*last_work_s = r->now_s;
		return;
	}

	const tt_i128 length_u6 = queue_length_u6(r, q, load_u6);
	const int64_t before = r->replicas;

	if (r->now_s % q->poll_s == 0)
		look_for_work(r, q, length_u6 > tt_scaling_u6(q->activation), last_work_s);
	if (r->now_s % q->hpa.period_s == 0 && r->replicas > 0) {
		const struct metric m = {
			.all = length_u6, .counted = r->replicas,
			.per_replica = tt_scaling_u6(q->queue_per_replica),
		};

		hpa_round(r, &q->hpa, wishes, &m);
	}
	queue_skip(r, q, before, load_u6, wishes, last_work_s);
}

static int run_queue(tt_scaling *r, const void *policy, tt_err *err)
{
	const tt_queue_policy *q = policy;
	tt_timed_line wishes = { 0 };
	int64_t last_work_s = 0;

	if (r->first_u6 == TT_UNDECIDED)
		return tt_scaling_no_load(err);
	TT_TRY(tt_timed_make(&wishes, q->hpa.scale_down_s, q->hpa.period_s,
			     r->end_s / q->hpa.period_s, err));
	r->queues = true;
	tt_scaling_start(r, tt_scaling_size(r, r->first_u6));
	remember(&wishes, 0, r->replicas);
	while (r->now_s < r->end_s) {
		const int64_t sync_s = next_multiple(r->now_s, q->hpa.period_s);
		const int64_t poll_s = next_multiple(r->now_s, q->poll_s);
		const int64_t next_s = sync_s < poll_s ? sync_s : poll_s;

		tt_scaling_advance(r, next_s < r->end_s ? next_s : r->end_s);
		if (r->now_s < r->end_s)
			queue_round(r, q, &wishes, &last_work_s);
	}
	tt_free(wishes.v);
	return TT_OK;
}

int tt_autoscale_hpa(const tt_autoscale_pool *p, const tt_hpa_policy *policy,
                     tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err)
{
	TT_TRY(check_hpa(policy, err));
	return tt_scaling_run(p, policy->period_s, run_hpa, policy, ret_steps, ret, err);
}

int tt_autoscale_queue(const tt_autoscale_pool *p, const tt_queue_policy *policy,
                       tt_autoscale_sum *ret_steps, tt_autoscale_sum *ret, tt_err *err)
{
	TT_TRY(check_queue(policy, err));
	return tt_scaling_run(p, policy->hpa.period_s, run_queue, policy, ret_steps, ret, err);
}
