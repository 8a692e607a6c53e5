(d=>{let l=d.documentElement.lang,c=d.getElementById("clock"),z=c.dataset.zone,u=c.dataset.digits,n,
f=new Intl.DateTimeFormat(l,{timeZone:z,numberingSystem:u,timeStyle:"short"}),
g=new Intl.DateTimeFormat(l,{timeZone:z,numberingSystem:u,dateStyle:"long"}),
h=new Intl.DateTimeFormat(l,{timeZone:z,numberingSystem:u,timeZoneName:"short"}),
r=new Intl.RelativeTimeFormat(l,{style:"short",numberingSystem:u}),
a=[...d.querySelectorAll("time[data-age]")].map(e=>[e,e.parentNode.insertBefore(d.createElement("span"),e.nextSibling)]);
a.forEach(p=>p[1].className="age");
(function t(){n=Date.now();
c.textContent=f.format(n)+" "+h.formatToParts(n).find(p=>p.type=="timeZoneName").value+" · "+g.format(n);
a.forEach(([e,s])=>{let m=Math.floor((n-Date.parse(e.dateTime))/6e4);
s.textContent=m<0||m>1439?"":" · "+(m<60?r.format(-m,"minute"):r.format(-Math.floor(m/60),"hour"))});
setTimeout(t,6e4-n%6e4)})()})(document)
