// What every page loads: htmx, set so that it runs under a policy without unsafe-eval and unsafe-inline.
import htmx from 'htmx.org';

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
