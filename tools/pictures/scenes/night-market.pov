// print: size=1440x960 key=#231f3a spot=#f0a93a seed=171 knock=.85
// The night market between the rails: strings of lamps under the roof of the depot, a tram for a counter.
#declare Seed=91; #declare Haze=70; #declare HazeTop=30; #declare HazeTone=.30; #declare SkyLow=.1; #declare SkyHigh=.1; #declare SunX=-.3; #declare SunY=.9; #declare SunZ=-.5; #declare SunLight=0; #declare Fill=.34; #declare Ambient=.12;
#include "kit.inc"
#declare Eye=<1.1,3.3,-13>;
camera{location Eye look_at Eye+<-.05,.03,1> right x*image_width/image_height angle 62}
box{<-40,-.2,-30>,<40,0,90> #if (Plate=1) pigment{rgb .05} finish{ambient .04 diffuse .3 reflection{.05,.5 fresnel on} conserve_energy} #else pigment{rgb 0} finish{ambient 0 diffuse 0 reflection{.10,.8 fresnel on}} #end interior{ior 1.45} normal{bumps .10 scale<1.2,1,.5>}}
#declare i=-2; #while(i<3) box{<i*3.9-.78,.0,-30>,<i*3.9-.70,.03,90> Flat(.40)} box{<i*3.9+.70,.0,-30>,<i*3.9+.78,.03,90> Flat(.40)} #declare i=i+1; #end
// The shed: a great pitched roof on iron frames, glass along the ridge.
#declare k=0; #while(k<11) #declare zz=-8+k*8;
  union{ box{<-13.3,0,zz-.15>,<-13.0,7,zz+.15>} box{<13.0,0,zz-.15>,<13.3,7,zz+.15>}
    Bar(<-13.2,7,zz>,<0,12.4,zz>,.16) Bar(<13.2,7,zz>,<0,12.4,zz>,.16) Bar(<-13.2,7,zz>,<0,8.8,zz>,.07) Bar(<13.2,7,zz>,<0,8.8,zz>,.07) Bar(<0,8.8,zz>,<0,12.4,zz>,.06)
    Bar(<-6.6,9.7,zz>,<-6.6,7.9,zz>,.06) Bar(<6.6,9.7,zz>,<6.6,7.9,zz>,.06) Bar(<-6.6,7.9,zz>,<0,12.4,zz>,.05) Bar(<6.6,7.9,zz>,<0,12.4,zz>,.05) Flat(.003)}
#declare k=k+1; #end
box{<-13.6,0,-30>,<-13.4,7.2,90> Tone(.10)} box{<13.4,0,-30>,<13.6,7.2,90> Tone(.10)}
#macro Slope(s) polygon{5,<s*13.5,7.1,-30>,<s*13.5,7.1,90>,<s*3.2,11.3,90>,<s*3.2,11.3,-30>,<s*13.5,7.1,-30> Flat(.022)} polygon{5,<s*3.2,11.3,-30>,<s*3.2,11.3,90>,<0,12.6,90>,<0,12.6,-30>,<s*3.2,11.3,-30> Flat(.26)}
  #local k=0; #while(k<56) Bar(<s*3.2,11.25,-12+k*1.6>,<0,12.55,-12+k*1.6>,.045) #local k=k+1; #end #end
union{Slope(-1) Slope(1) Flat(.003)}
box{<-14,0,82>,<14,14,83> Flat(.10)}
// Strings of lamps, sagging from side to side.
#macro LampString(a,b,sag,n)
  #local i=0; #while(i<n) #local f=i/n; #local g=(i+1)/n;
    #local p=a+(b-a)*f-y*sag*4*f*(1-f); #local q=a+(b-a)*g-y*sag*4*g*(1-g); Bar(p,q,.014)
    #if (i>0) sphere{p-y*.13,.125 no_shadow Spot(1)} #end
  #local i=i+1; #end #end
union{ #declare k=0; #while(k<9) LampString(<-12.6,6.6,-4+k*7>,<-1,7.6,-2+k*7>,1.5,9) LampString(<-1,7.6,-2+k*7>,<12.6,6.5,-4+k*7>,1.7,10) #declare k=k+1; #end Flat(.003)}
// Stalls: awnings with a lamp beneath, goods, one who sells.
#macro Booth(w,dark)
union{ polygon{5,<-w/2,2.9,1.6>,<w/2,2.9,1.6>,<w/2,2.35,-.5>,<-w/2,2.35,-.5>,<-w/2,2.9,1.6> Tone(dark)}
  #local i=0; #while(i<8) polygon{5,<-w/2+i*w/8,2.36,-.5>,<-w/2+(i+1)*w/8,2.36,-.5>,<-w/2+(i+1)*w/8,2.08,-.5>,<-w/2+i*w/8,2.08,-.5>,<-w/2+i*w/8,2.36,-.5> Tone((mod(i,2)=0?dark:.8))} #local i=i+1; #end
  Bar(<-w/2,0,-.45>,<-w/2,2.4,-.45>,.05) Bar(<w/2,0,-.45>,<w/2,2.4,-.45>,.05)
  box{<-w/2,.0,-.3>,<w/2,.95,.5> Tone(.07)} box{<-w/2-.05,.95,-.36>,<w/2+.05,1.03,.56> Tone(.4)}
  box{<-w/2,1.03,1.5>,<w/2,2.6,1.55> Flat(.28)}
  #local i=0; #while(i<w*3) #local a=Between(.07,.16); sphere{<-w/2+.2+i*.31,1.03+a,Between(-.1,.2)>,a Tone(Between(.08,.7))} #local i=i+1; #end
  sphere{<0,2.0,.3>,.13 no_shadow Spot(1)} Bar(<0,2.0,.3>,<0,2.6,.4>,.012)
  object{Figure(1.7,.004,int(rand(R)*3.9)) translate<Between(-w*.25,w*.25),.1,1.0>}
  Tone(.006)} #end
#declare Cloth=array[3]{.05,.34,.14};
#declare k=0; #while(k<8)
  object{Booth(3.6,Cloth[mod(k,3)]) rotate y*-90 translate<-4.7,0,-4.4+k*4.7>}
  #if (k>2) object{Booth(3.6,Cloth[mod(k+1,3)]) rotate y*90 translate<5.6,0,-3.6+k*4.7>} #end
#declare k=k+1; #end
// The parked tram, its side let down.
union{ object{Tram(.55,1)} box{<-1.75,1.0,1.2>,<-1.25,1.08,11> Tone(.6)} #declare i=0; #while(i<16) cylinder{<-1.5,1.08,1.7+i*.58>,<-1.5,1.08+Between(.12,.34),1.7+i*.58>,Between(.05,.10) Tone(Between(.02,.7))} #declare i=i+1; #end translate<5.2,0,-6.2>}
// The crowd: far, in coats.
#declare i=0; #while(i<20) #declare d=i*1.7; object{Figure(Between(1.58,1.84),.004,int(rand(R)*3.9)) rotate y*Between(-60,60) translate<Between(-2.6,2.2)+(d<6?1.2:0),0,1.5+d>} #declare i=i+1; #end
